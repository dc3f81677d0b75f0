"""Push-offs from body landmarks and rules alone: the baseline every learnt model has to beat.

A foot is on the ground while its toe is low and stands still, as the rest of the body passes
over it; the push-off is the last frame of each such contact.
"""

from dataclasses import dataclass

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.values import Direction, PushOffEvent

LANDMARKS = 33
"""Points of the BlazePose topology, as MediaPipe numbers them."""
HIPS, KNEES, ANKLES, TOES = (23, 24), (25, 26), (27, 28), (31, 32)
"""(left, right) of the athlete's own body in that topology."""
VISIBILITY = 3
"""Column of a landmark's visibility, where there are that many."""
LEG_SHARE = 0.491
"""Thigh and shank, hip to ankle, over body height: 0.245 + 0.246 (Winter 2009, table 4.1)."""


@dataclass(frozen=True)
class PoseRules:
    """When a toe counts as on the ground, in ms, body heights and shares of the hips' speed."""

    step_ms: float = 25.0
    """A toe's speed is measured back over this, at least one frame: between two frames
    at 240/s a landmark's jitter, divided by so short a time, would look like speed."""
    still: float = 1.0
    """A toe slower than this share of the hips' speed may stand. On the ground it is 0 and in the
    swing about 2 (the foot covers two steps in one), so the middle."""
    low: float = 0.1
    """A toe within this many body heights of the ground may stand, 18 cm: room for
    stray landmarks and a sloping runway. Of 0.08, 0.10 and 0.12 the one that did best at the exact
    frame on the shared sprint clips, so its score there flatters it a little."""
    ground_ms: float = 700.0
    """The ground is the lowest toe within this time: it holds at least one contact of any drill
    (flights last 60-900 ms, so half of it to either side reaches the last or next contact)."""
    travel: float = 0.6
    """Hips slower than this many body heights a second (1 m/s) are not travelling: no push-offs
    while the athlete waits for the start."""
    travel_ms: float = 200.0
    """The hips' speed is measured over this, about one running step."""
    shortest_ms: float = 40.0
    """A contact is no shorter (a sprinter's is 80-120 ms); one frame where frames are further
    apart than that."""
    bridge_ms: float = 20.0
    """A break in a contact up to this is a landmark that jumped, not a flight (60 ms)."""
    min_gap_ms: float = 150.0
    """Push-offs are no closer: below the 225 ms of a sprint at 9.6 m/s, by a margin for error."""
    place: float = 0.25
    """A contact is at one place, within this many body heights; beyond it the next one begins."""


def spot_with_pose_rules(
    landmarks: np.ndarray,
    times_s: np.ndarray,
    direction: Direction,
    rules: PoseRules | None = None,
) -> list[PushOffEvent]:
    """Push-offs, in time order, from (N, 33, 2 or more) landmarks at N camera seconds.

    Coordinates are pixels of a picture that stands still: x to the right, y down, a moving
    camera's motion taken out; NaN where nobody was seen. Further columns are depth and
    visibility. Left and right points may be swapped between frames: a toe is followed by its
    place, not its name. `left_probability` is the share of the contact during which the left
    toe was named, and `probability` the mean visibility of the toe: neither is calibrated.

    Raises BadInput when the shapes do not fit or the times do not rise.
    """
    rules = rules or PoseRules()
    points, times = _checked(landmarks, times_s)
    height_px = body_height_px(points)
    if height_px is None:
        return []
    sign = 1.0 if direction is Direction.RIGHT else -1.0
    interval_s = float(np.median(np.diff(times)))
    toes = points[:, TOES, :2] / height_px  # (N, 2, 2) body heights
    hips = points[:, HIPS, :2].mean(axis=1) / height_px  # (N, 2)
    speed = sign * _speed(hips[:, 0], times, rules.travel_ms / 1000)  # (N,) body heights a second
    ground = _lowest(toes[..., 1].max(axis=1), times, rules.ground_ms / 2000)
    lag = max(1, round(rules.step_ms / 1000 / interval_s))
    moved = _moved(toes, times, lag)  # (N, 2) body heights a second
    with np.errstate(invalid="ignore"):
        low = ground[:, None] - toes[..., 1] < rules.low
        travelling = speed > rules.travel
        on = low & (moved < rules.still * speed[:, None]) & travelling[:, None]
    which = np.where(on, np.nan_to_num(moved, nan=np.inf), np.inf).argmin(axis=1)  # the stiller toe
    contacts = _contacts(on, which, toes, times, rules, interval_s)
    seen = np.isfinite(toes).all(axis=(1, 2))
    events: list[PushOffEvent] = []
    for frames in contacts:
        last = int(frames[-1])
        if not seen[last + 1 : last + 2].any():
            continue  # nobody saw this foot leave
        if events and times[last] - events[-1].time_s < rules.min_gap_ms / 1000:
            continue
        events.append(_event(frames, which, points, times, interval_s))
    return events


def body_height_px(points: np.ndarray) -> float | None:
    """Body height of (N, 33, 2 or more) landmarks in pixels; None where no leg was seen.

    From the longer leg, hip to knee to ankle, in the 75th percentile of frames: legs look
    shorter than they are when they turn away, never longer.
    """
    hips, knees, ankles = (points[:, pair, :2] for pair in (HIPS, KNEES, ANKLES))
    legs = np.linalg.norm(hips - knees, axis=2) + np.linalg.norm(knees - ankles, axis=2)
    legs = legs[np.isfinite(legs).all(axis=1)].max(axis=1, initial=0.0)
    if not legs.size or (height := float(np.percentile(legs, 75)) / LEG_SHARE) <= 0:
        return None
    return height


def _checked(landmarks: np.ndarray, times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    points, times = np.asarray(landmarks, float), np.asarray(times_s, float)
    if points.ndim != 3 or points.shape[1] != LANDMARKS or points.shape[2] < 2:
        raise BadInput(f"landmarks are (N, {LANDMARKS}, 2 or more), not {points.shape}")
    if times.shape != points.shape[:1] or not np.isfinite(times).all():
        raise BadInput(f"{len(points)} frames of landmarks need as many times, not {times.shape}")
    if len(times) < 3 or (np.diff(times) <= 0).any():
        raise BadInput("the times of landmarks must rise, over at least three frames")
    return points, times


def _speed(places: np.ndarray, times: np.ndarray, window_s: float) -> np.ndarray:
    """Slope of (N,) places around each time, NaN where fewer than two were seen."""
    slopes = np.full(len(places), np.nan)
    seen = np.isfinite(places)
    for index, time_s in enumerate(times):
        near = seen & (np.abs(times - time_s) <= window_s / 2 + 1e-9)
        if near.sum() >= 2:
            shifted = times[near] - times[near].mean()
            slopes[index] = (shifted * places[near]).sum() / (shifted**2).sum()
    return slopes


def _lowest(lower: np.ndarray, times: np.ndarray, reach_s: float) -> np.ndarray:
    """The ground's y around each time: 90th percentile of the lower toe's, against outliers."""
    ground = np.full(len(lower), np.nan)
    for index, time_s in enumerate(times):
        near = lower[(np.abs(times - time_s) <= reach_s) & np.isfinite(lower)]
        if near.size:
            ground[index] = np.percentile(near, 90)
    return ground


def _moved(toes: np.ndarray, times: np.ndarray, lag: int) -> np.ndarray:
    """(N, 2) speed of each toe since `lag` frames ago, from wherever a toe of either name was."""
    moved = np.full(toes.shape[:2], np.nan)
    steps = toes[lag:, :, None] - toes[:-lag, None, :]  # (N - lag, toe now, toe then, xy)
    paths = np.linalg.norm(steps, axis=3).min(axis=2)
    moved[lag:] = paths / (times[lag:] - times[:-lag])[:, None]
    return moved


def _contacts(
    on: np.ndarray,
    which: np.ndarray,
    toes: np.ndarray,
    times: np.ndarray,
    rules: PoseRules,
    interval_s: float,
) -> list[np.ndarray]:
    """Frames of each contact: close in time, at one place, long enough."""
    frames = np.flatnonzero(on.any(axis=1))
    places = toes[frames, which[frames], 0]
    contacts: list[list[int]] = []
    start = 0.0
    for frame, place in zip(frames.tolist(), places.tolist(), strict=True):
        gap_s = times[frame] - times[contacts[-1][-1]] if contacts else np.inf
        if gap_s > rules.bridge_ms / 1000 + 1.5 * interval_s or abs(place - start) > rules.place:
            contacts.append([])
            start = place
        contacts[-1].append(frame)
    shortest_s = rules.shortest_ms / 1000 - interval_s  # n frames span n intervals
    return [
        np.array(one) for one in contacts if times[one[-1]] - times[one[0]] >= shortest_s - 1e-9
    ]


def _event(
    frames: np.ndarray,
    which: np.ndarray,
    points: np.ndarray,
    times: np.ndarray,
    interval_s: float,
) -> PushOffEvent:
    last = int(frames[-1])
    sides = which[frames]
    x, y = points[last, TOES[which[last]], :2]
    strays = np.std(points[frames, np.array(TOES)[sides], :2], axis=0).max()
    visible = 0.5
    if points.shape[2] > VISIBILITY:
        visible = float(np.nanmean(points[frames, np.array(TOES)[sides], VISIBILITY]))
    return PushOffEvent(
        frame=last,
        time_s=float(times[last]),
        probability=min(max(visible, 0.0), 1.0),
        left_probability=float((sides == 0).mean()),
        toe_px=(float(x), float(y)),
        toe_uncertainty_px=float(strays),
        uncertainty_frames=max(1.0, 0.008 / interval_s),
    )
