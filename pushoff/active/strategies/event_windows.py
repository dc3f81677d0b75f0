"""Event windows: frames around predicted push-offs, and hard negatives.

A few frames decide the time of a push-off, and labels there are rare. So frames at each predicted
event, frames just beside it, and peaks of the curve that are not events (hard negatives) alternate.
"""

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.ranking import Ranking, ranked, round_robin
from pushoff.active.strategies.reasons import certainty_reasons, offset_text
from pushoff.active.strategies.smoothed_scores import factorize, rescale_to_threshold, smoothed
from pushoff.active.strategies.typiclust import without_model
from pushoff.active.strategies.uncertainty import margin

GAP_S = 0.2
"""Push-offs are at least this far apart, even in a sprint (225 ms, force plates)."""
AT_S = 0.0334
"""Frames this near to the middle of an event are at the event: eight at 240/s."""
BESIDE_S = 0.1
"""Frames this near are beside it: the foot loads before, flight comes after."""
SHARES = (0.4, 0.3, 0.3)
"""Shares of frames at an event, beside one, and at peaks far from any."""
LIKELIEST = "The likeliest frame of a push-off."


def event_windows(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """Alternate by SHARES. Falls back to TypiClust without a model and to `margin` without
    times."""
    if pool.probabilities is None:
        return without_model(pool, count, rng)
    if not np.isfinite(np.asarray(pool.times_s, float)).any():
        return margin(pool, count, rng)
    level = rescale_to_threshold(smoothed(pool), pool.threshold)
    peaks = _peaks(pool, level, 4 * count)
    events = peaks[level[peaks] > 0.5]  # 0.5 is also what counts where nothing is known
    offset_s, height = _nearest_event(pool, events, level)
    distance_s = np.abs(offset_s)
    uncertainty = 1 - np.abs(2 * level - 1)
    at = np.where(distance_s <= AT_S, 2 - distance_s / AT_S + uncertainty, -1.0)
    is_beside = (distance_s > AT_S) & (distance_s <= BESIDE_S)
    beside = np.where(is_beside, 1 + height + level, -1.0)
    peak = np.where(distance_s > BESIDE_S, level, -1.0)
    reasons = [
        f"{certainty} {_place(float(offset))}".strip()
        for certainty, offset in zip(certainty_reasons(pool), offset_s, strict=True)
    ]
    kinds = zip((at, beside, peak), SHARES, strict=True)
    return round_robin([(_best(scores, reasons, count), share) for scores, share in kinds], count)


def _best(scores: np.ndarray, reasons: list[str], count: int) -> Ranking:
    first = np.argsort(-scores, kind="stable")[:count]
    return ranked(scores, first[scores[first] > 0], reasons)


def _place(offset_s: float) -> str:
    """Where a frame lies, `offset_s` seconds after the nearest peak; empty where there is none.

    A peak of the unlabelled frames is not always where the model puts the push-off, which may be a
    labelled frame, so the sentence does not say so.
    """
    if not np.isfinite(offset_s):
        return ""
    if offset_s == 0:
        return LIKELIEST
    return f"It lies {offset_text(offset_s)} the likeliest frame of a push-off."


def _peaks(pool: Pool, level: np.ndarray, limit: int) -> np.ndarray:
    """Rows of at most `limit` peaks of the videos' curves, highest first, at least GAP_S apart."""
    video, times = factorize(pool.video_ids), np.asarray(pool.times_s, float)
    peaks: list[int] = []
    taken: dict[int, list[float]] = {}
    for row in np.argsort(-level, kind="stable")[: 50 * limit].tolist():
        if len(peaks) == limit or not np.isfinite(times[row]):
            continue
        taken_s = taken.setdefault(int(video[row]), [])
        if all(abs(times[row] - other) >= GAP_S for other in taken_s):
            taken_s.append(float(times[row]))
            peaks.append(row)
    return np.array(peaks, int)


def _nearest_event(
    pool: Pool, events: np.ndarray, level: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) seconds from the nearest event of the video, negative before it, inf without one; (N,)
    that event's level."""
    video, times = factorize(pool.video_ids), np.asarray(pool.times_s, float)
    offset_s: np.ndarray = np.full(len(pool), np.inf)
    height: np.ndarray = np.zeros(len(pool))
    order = events[np.lexsort((times[events], video[events]))]
    span = 10 + np.nanmax(np.abs(times))
    line = video * 4 * span + np.nan_to_num(times, nan=2 * span)  # videos laid end to end
    positions = np.searchsorted(line[order], line)
    for shift in (-1, 0):
        index = np.clip(positions + shift, 0, max(len(order) - 1, 0))
        if not len(order):
            break
        event = order[index]
        candidate_s = times - times[event]
        closer = (video[event] == video) & (np.abs(candidate_s) < np.abs(offset_s))
        offset_s = np.where(closer, candidate_s, offset_s)
        height = np.where(closer, level[event], height)
    return offset_s, height
