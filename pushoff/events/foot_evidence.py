"""Which foot pushed off, from body landmarks alone: what no order of feet can tell.

The pose model swaps the legs where they cross, least where they are far apart. So three distances
around the push-off decide: the foot that pushes is behind the other and below it, and the arm of
its side is in front of the other. The pose model also calls what it sees best the near side; what
is the same over a stride is therefore taken off. Legs that change places change the sign of each
distance and nothing else, so neither foot is the usual one or the first.
"""

import numpy as np

from pushoff.events.body import (
    ANKLES,
    ELBOWS,
    HEELS,
    TOES,
    WRISTS,
    body_height_px,
    checked_landmarks,
)
from pushoff.events.values import Direction, Foot

BEHIND_S, BELOW_S, ARM_S = (-0.034, 0.067), (-0.067, 0.0), (-0.034, 0.034)
"""Seconds around the push-off in which each distance is measured. The legs are furthest apart just
after it; before it the other foot is in the air. At 30/s: frames -1 to 2, -2 to 0, and -1 to 1."""
STRIDE_S = 0.4
"""The mean over so long to either side is taken off. A sprinter's stride takes 0.45 s, two bounds
0.7 to 1 s; of 0.25, 0.4 and 0.6 s the one with the fewest wrong feet at both places."""
WEIGHTS = (6.0, 18.0, 12.0)
"""Log odds of a foot for each body height that it is behind and below the other, and that the arm
of its side is in front. Fitted by logistic regression to the feet of one place of the shared clips
at a time: 6, 17, 13 and 4, 15, 6; of both places 10, 26, 22 (docs/benchmarks.md, "Feet")."""


def near_log_odds(
    landmarks: np.ndarray, times_s: np.ndarray, frames: np.ndarray, direction: Direction
) -> np.ndarray:
    """(E,) log odds that the near foot pushed off in each of E frames; 0 where nothing is known.

    `landmarks` (N, 33, 2 or more) are pixels of a stabilised picture at N camera seconds, x to the
    right and y down; NaN where no body was found. Raises BadInput when the shapes do not fit or the
    times are not ascending.
    """
    points, times = checked_landmarks(landmarks, times_s)
    height_px = body_height_px(points)
    if height_px is None:
        return np.zeros(len(frames))
    cues = foot_cues(points[..., :2] / height_px, times, frames, direction)
    return np.asarray(cues @ np.array(WEIGHTS))


def left_probability(near: float, direction: Direction | None) -> float:
    """Probability of the left foot, given that of the near one; 0.5 without a direction.

    An athlete who moves to the viewer's right shows the right side. A mirrored video says the
    opposite.
    """
    if direction is None:
        return 0.5
    return near if direction.near_foot is Foot.LEFT else 1 - near


def foot_cues(
    points: np.ndarray, times: np.ndarray, frames: np.ndarray, direction: Direction
) -> np.ndarray:
    """(E, 3) how far the near foot is behind and below the far one, and the near arm in front.

    In body heights, as (N, 33, 2) `points` are; less the mean over a stride; 0 where nobody is
    seen.
    """
    forward = 1.0 if direction is Direction.RIGHT else -1.0
    feet = _far_to_near(points, (ANKLES, HEELS, TOES), direction)
    arms = _far_to_near(points, (ELBOWS, WRISTS), direction)
    signals = (
        (-forward * feet[:, 0], BEHIND_S),
        (feet[:, 1], BELOW_S),
        (forward * arms[:, 0], ARM_S),
    )
    return np.array(
        [
            [_peak(signal, times, times[frame], reach) for signal, reach in signals]
            for frame in frames
        ]
    ).reshape(len(frames), len(signals))


def _far_to_near(
    points: np.ndarray, pairs: tuple[tuple[int, int], ...], direction: Direction
) -> np.ndarray:
    """(N, 2) from the mean of the far side's landmarks to that of the near side's."""
    left, right = (points[:, [pair[side] for pair in pairs]].mean(axis=1) for side in (0, 1))
    return np.asarray(left - right if direction.near_foot is Foot.LEFT else right - left)


def _peak(
    signal: np.ndarray, times: np.ndarray, at_s: float, reach_s: tuple[float, float]
) -> float:
    """Mean of an (N,) signal within `reach_s` of a time, less its mean over a stride."""
    seen = np.isfinite(signal)
    inside, stride = (
        signal[seen & (times >= at_s + low - 1e-6) & (times <= at_s + high + 1e-6)]
        for low, high in (reach_s, (-STRIDE_S, STRIDE_S))
    )
    return float(inside.mean() - stride.mean()) if len(inside) else 0.0
