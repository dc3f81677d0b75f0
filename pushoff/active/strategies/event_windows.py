"""Event windows: frames about the push-offs a model expects, and what it may take for one.

A push-off's place is decided by a few frames, and those are where labels are rare. So the frames
at each expected event, the frames just beside it, and bumps of the curve that are no event (hard
negatives) come by turns.
"""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.ranking import Ranking, ranked, round_robin
from pushoff.active.strategies.smoothed_scores import factorize, rescale_to_threshold, smoothed
from pushoff.active.strategies.typiclust import without_model
from pushoff.active.strategies.uncertainty import margin

GAP_S = 0.2
"""Push-offs are at least this far apart, even in a sprint (225 ms, force plates)."""
AT_S = 0.0334
"""Frames this near to an event's middle are at it: eight at 240/s."""
BESIDE_S = 0.1
"""Frames this near are beside it: loading of the foot before, flight after."""
SHARES = (0.4, 0.3, 0.3)
"""Of frames at an event, beside it, and of bumps away from any."""
WHY_AT = "This is near a moment at which the answer changes."
WHY_BUMP = "The model's curve has a bump here that may mislead it."
WHY_REST = "The curve is flat here: frames about moments of interest come first."


def event_windows(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """By turns as SHARES says. Without a model the most varied; without times as `margin`."""
    if pool.probabilities is None:
        return without_model(pool, count, dice)
    if not np.isfinite(np.asarray(pool.times_s, float)).any():
        return margin(pool, count, dice)
    level = rescale_to_threshold(smoothed(pool), pool.threshold)
    peaks = _peaks(pool, level, 4 * count)
    events = peaks[level[peaks] >= 0.5]
    away, sure = _from_events(pool, events, level)
    doubt = 1 - np.abs(2 * level - 1)
    at = np.where(away <= AT_S, 2 - away / AT_S + doubt, -1.0)
    beside = np.where((away > AT_S) & (away <= BESIDE_S), 1 + sure + level, -1.0)
    bump = np.where(away > BESIDE_S, level, -1.0)
    parts = [
        (_wish(at, WHY_AT, count), SHARES[0]),
        (_wish(beside, WHY_AT, count), SHARES[1]),
        (_wish(bump, WHY_BUMP, count), SHARES[2]),
    ]
    return round_robin(parts, count)


def _wish(scores: np.ndarray, why: str, count: int) -> Ranking:
    first = np.argsort(-scores, kind="stable")[:count]
    return ranked(scores, first[scores[first] > 0], WHY_REST, why)


def _peaks(pool: Pool, level: np.ndarray, most: int) -> np.ndarray:
    """Rows of at most `most` peaks of the videos' curves, highest first, GAP_S apart."""
    video, times = factorize(pool.sessions), np.asarray(pool.times_s, float)
    kept: list[int] = []
    taken: dict[int, list[float]] = {}
    for row in np.argsort(-level, kind="stable")[: 50 * most].tolist():
        if len(kept) == most or not np.isfinite(times[row]):
            continue
        before = taken.setdefault(int(video[row]), [])
        if all(abs(times[row] - other) >= GAP_S for other in before):
            before.append(float(times[row]))
            kept.append(row)
    return np.array(kept, int)


def _from_events(
    pool: Pool, events: np.ndarray, level: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) seconds to the nearest event of the video, inf of none; (N,) that event's level."""
    video, times = factorize(pool.sessions), np.asarray(pool.times_s, float)
    away, height = np.full(len(pool), np.inf), np.zeros(len(pool))
    order = events[np.lexsort((times[events], video[events]))]
    span = 10 + np.nanmax(np.abs(times))
    line = video * 4 * span + np.nan_to_num(times, nan=2 * span)  # videos one after the other
    places = np.searchsorted(line[order], line)
    for shift in (-1, 0):
        near = np.clip(places + shift, 0, max(len(order) - 1, 0))
        if not len(order):
            break
        other = order[near]
        apart = np.abs(times - times[other])
        closer = (video[other] == video) & (apart < away)
        away = np.where(closer, apart, away)
        height = np.where(closer, level[other], height)
    return away, height
