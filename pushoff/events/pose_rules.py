"""Push-offs from body landmarks by fixed rules: the baseline that a trained model has to beat.

A foot is on the ground while its toe is low and stationary and the body passes over it; the
push-off is the last frame of each such contact.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pushoff.events.body import HIPS, TOES, VISIBILITY, body_height_px, checked_landmarks
from pushoff.events.foot_evidence import left_probability, near_log_odds
from pushoff.events.values import Direction, PushOffEvent


@dataclass(frozen=True)
class PoseRules:
    """When a toe counts as on the ground, in ms, body heights and shares of the hips' speed."""

    step_ms: float = 25.0
    """A toe's speed is measured over this time back, at least one frame: between two frames at
    240/s a landmark's jitter, divided by so short a time, would look like speed."""
    max_speed_share: float = 1.0
    """A toe slower than this share of the hips' speed may be on the ground. On the ground it is 0
    and in the swing about 2 (the foot covers two steps in one), so the middle."""
    max_height: float = 0.1
    """A toe within this many body heights of the ground may be on it, 18 cm: a margin for landmark
    errors and a sloping runway. Of 0.08, 0.10 and 0.12 the one with the best score at the exact
    frame on the shared sprint clips, so its score there is slightly optimistic."""
    ground_ms: float = 700.0
    """The ground is the lowest toe within this time: it contains at least one contact of any drill
    (flights last 60-900 ms, so half of it to either side reaches the last or next contact)."""
    min_hip_speed: float = 0.6
    """Hips slower than this many body heights per second (1 m/s) are not travelling: no push-offs
    while the athlete waits for the start."""
    travel_ms: float = 200.0
    """The hips' speed is measured over this time, about one running step."""
    min_contact_ms: float = 40.0
    """Minimum contact (a sprinter's is 80-120 ms); one frame where frames are further apart."""
    bridge_ms: float = 20.0
    """A shorter break in a contact is a landmark error, not a flight (60 ms)."""
    min_gap_ms: float = 150.0
    """Minimum time between push-offs: the 225 ms of a sprint at 9.6 m/s less a margin for error."""
    max_contact_shift: float = 0.25
    """A contact stays within this many body heights; beyond it the next one begins."""


@dataclass(frozen=True)
class PoseContact:
    """One ground contact that ends in a push-off."""

    first_frame: int
    push_off: PushOffEvent
    """Its frame is the contact's last."""


def contacts_with_pose_rules(
    landmarks: np.ndarray,
    times_s: np.ndarray,
    direction: Direction,
    rules: PoseRules | None = None,
) -> list[PoseContact]:
    """Contacts, in time order, from (N, 33, 2 or more) landmarks at N camera seconds.

    Coordinates are pixels of a stabilised picture: x to the right, y down, the camera's motion
    removed; NaN where no athlete is visible. Further columns are depth and visibility. Left and
    right landmarks may be swapped between frames: a toe is tracked by position, not by name.
    `left_probability` is that of `foot_evidence`, calibrated; `probability` is the mean visibility
    of the toe and is not.

    Raises BadInput when the shapes do not fit or the times are not ascending.
    """
    rules = rules or PoseRules()
    points, times = checked_landmarks(landmarks, times_s)
    height_px = body_height_px(points)
    if height_px is None:
        return []
    sign = 1.0 if direction is Direction.RIGHT else -1.0
    interval_s = float(np.median(np.diff(times)))
    toes = points[:, TOES, :2] / height_px  # (N, 2, 2) body heights
    hips = points[:, HIPS, :2].mean(axis=1) / height_px  # (N, 2)
    hip_speed = sign * _speed(hips[:, 0], times, rules.travel_ms / 1000)  # (N,) body heights/s
    ground = _ground_y(toes[..., 1].max(axis=1), times, rules.ground_ms / 2000)
    lag = max(1, round(rules.step_ms / 1000 / interval_s))
    toe_speed = _toe_speed(toes, times, lag)  # (N, 2) body heights/s
    with np.errstate(invalid="ignore"):
        is_low = ground[:, None] - toes[..., 1] < rules.max_height
        is_slow = toe_speed < rules.max_speed_share * hip_speed[:, None]
        travelling = hip_speed[:, None] > rules.min_hip_speed
        on_ground = is_low & is_slow & travelling
    slower = np.where(on_ground, np.nan_to_num(toe_speed, nan=np.inf), np.inf).argmin(axis=1)
    visible = np.asarray(np.isfinite(toes).all(axis=(1, 2)))  # (N,)
    found: list[PoseContact] = []
    for frames in _contacts(on_ground, slower, toes, times, rules, interval_s):
        last = int(frames[-1])
        if not visible[last + 1 : last + 2].any():
            continue  # the take-off is not visible
        if found and times[last] - found[-1].push_off.time_s < rules.min_gap_ms / 1000:
            continue
        event = _event(frames, slower, points, times, interval_s)
        found.append(PoseContact(int(frames[0]), event))
    return _with_feet(found, points, times, direction)


def _with_feet(
    contacts: Sequence[PoseContact], points: np.ndarray, times: np.ndarray, direction: Direction
) -> list[PoseContact]:
    frames = np.array([contact.push_off.frame for contact in contacts], int)
    log_odds = near_log_odds(points, times, frames, direction)
    near = 1 / (1 + np.exp(-np.clip(log_odds, -60, 60)))
    lefts = [left_probability(float(p), direction) for p in near]
    return [
        replace(contact, push_off=replace(contact.push_off, left_probability=left))
        for contact, left in zip(contacts, lefts, strict=True)
    ]


def _speed(positions: np.ndarray, times: np.ndarray, window_s: float) -> np.ndarray:
    """Slope of (N,) positions around each time, NaN with fewer than two in the window."""
    slopes = np.full(len(positions), np.nan)
    visible = np.isfinite(positions)
    for index, time_s in enumerate(times):
        near = visible & (np.abs(times - time_s) <= window_s / 2 + 1e-9)
        if near.sum() >= 2:
            centred = times[near] - times[near].mean()
            slopes[index] = (centred * positions[near]).sum() / (centred**2).sum()
    return slopes


def _ground_y(lower_toe_y: np.ndarray, times: np.ndarray, reach_s: float) -> np.ndarray:
    """The ground's y around each time: 90th percentile of the lower toe's, against outliers."""
    ground = np.full(len(lower_toe_y), np.nan)
    for index, time_s in enumerate(times):
        near = lower_toe_y[(np.abs(times - time_s) <= reach_s) & np.isfinite(lower_toe_y)]
        if near.size:
            ground[index] = np.percentile(near, 90)
    return ground


def _toe_speed(toes: np.ndarray, times: np.ndarray, lag: int) -> np.ndarray:
    """(N, 2) speed of each toe since `lag` frames ago, from the nearer toe of either name."""
    speeds = np.full(toes.shape[:2], np.nan)
    steps = toes[lag:, :, None] - toes[:-lag, None, :]  # (N - lag, toe now, toe then, xy)
    distances = np.linalg.norm(steps, axis=3).min(axis=2)
    speeds[lag:] = distances / (times[lag:] - times[:-lag])[:, None]
    return speeds


def _contacts(
    on_ground: np.ndarray,
    slower: np.ndarray,
    toes: np.ndarray,
    times: np.ndarray,
    rules: PoseRules,
    interval_s: float,
) -> list[np.ndarray]:
    """Frames of each contact: close in time, at one position, long enough."""
    frames = np.flatnonzero(on_ground.any(axis=1))
    positions = toes[frames, slower[frames], 0]
    contacts: list[list[int]] = []
    start = 0.0
    max_gap_s = rules.bridge_ms / 1000 + 1.5 * interval_s
    for frame, position in zip(frames.tolist(), positions.tolist(), strict=True):
        gap_s = times[frame] - times[contacts[-1][-1]] if contacts else np.inf
        if gap_s > max_gap_s or abs(position - start) > rules.max_contact_shift:
            contacts.append([])
            start = position
        contacts[-1].append(frame)
    min_contact_s = rules.min_contact_ms / 1000 - interval_s  # n frames span n intervals
    return [
        np.array(contact)
        for contact in contacts
        if times[contact[-1]] - times[contact[0]] >= min_contact_s - 1e-9
    ]


def _event(
    frames: np.ndarray,
    slower: np.ndarray,
    points: np.ndarray,
    times: np.ndarray,
    interval_s: float,
) -> PushOffEvent:
    last = int(frames[-1])
    sides = slower[frames]
    toes = np.array(TOES)[sides]
    x, y = points[last, TOES[slower[last]], :2]
    spread_px = np.std(points[frames, toes, :2], axis=0).max()
    visibility = 0.5
    if points.shape[2] > VISIBILITY:
        visibility = float(np.nanmean(points[frames, toes, VISIBILITY]))
    return PushOffEvent(
        frame=last,
        time_s=float(times[last]),
        probability=min(max(visibility, 0.0), 1.0),
        toe_px=(float(x), float(y)),
        toe_uncertainty_px=float(spread_px),
        uncertainty_frames=max(1.0, 0.008 / interval_s),
    )
