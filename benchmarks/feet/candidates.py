"""What could tell left from right at a push-off, measured side by side in `benchmarks.feet`.

Every cue is positive for the near foot. None but the baseline knows the order of the push-offs.
"""

from collections.abc import Callable

import numpy as np

from pushoff.events.body import ANKLES, HEELS, HIPS, KNEES, TOES, VISIBILITY, body_height_px
from pushoff.events.foot_evidence import foot_cues
from pushoff.events.values import Direction
from pushoff.learning.features.video_features import VideoFeatures

DEPTH = 2
"""Column of a landmark's depth."""
_STANCE_S = 0.1
_SWAP_COST, _MOTION = 0.4, 0.08
"""Log odds that the pose model's names are right, and the usual change of a leg's speed from frame
to frame in body heights: the best of a few, so slightly optimistic."""


def candidates(features: VideoFeatures, frames: np.ndarray) -> dict[str, np.ndarray]:
    """(E, K) cues of each candidate at E push-offs of a video with a known direction."""
    direction = features.direction
    assert direction is not None
    points, times = features.steady_landmarks, np.asarray(features.times_s)
    height = body_height_px(points) or 1.0
    scaled = points[..., :2] / height
    cues = foot_cues(scaled, times, frames, direction)
    names = _Stance(points, times, frames, direction)
    swapped = swapped_legs(scaled[:: features.step])
    swapped = np.interp(np.arange(len(times)), np.arange(0, len(times), features.step), swapped)
    ground = ground_line(*names.position(scaled))[:, None]
    constant = np.ones((len(frames), 1))
    parts = {
        "stance leg as the pose model names it": [names.mean(lambda f, s: 2 * s - 1), constant],
        "occlusion: visibility of the knees": [names.difference(KNEES, VISIBILITY), constant],
        "occlusion: depth of the knees": [-names.difference(KNEES, DEPTH), constant],
        "hip in front: depth of the hips": [-names.difference(HIPS, DEPTH), constant],
        "legs tracked by motion (Viterbi)": [
            names.mean(lambda f, s: (2 * s - 1) * (1 - 2 * swapped[f])), constant
        ],
        "where the foot stands in the image": [ground],
        "legs: behind and below the other": [cues[:, :2]],
        "arm of its side in front": [cues[:, 2:]],
        "**legs and arms (the product)**": [cues],
        "legs and arms, where it stands": [cues, ground],
    }  # fmt: skip
    return {name: np.concatenate(columns, axis=1) for name, columns in parts.items()}


class _Stance:
    """The lower of the two feet in the last 100 ms before each push-off, by the names it has."""

    def __init__(
        self, points: np.ndarray, times: np.ndarray, frames: np.ndarray, direction: Direction
    ) -> None:
        self.points = points
        self.near = 0 if direction is Direction.LEFT else 1
        lower = points[:, [ANKLES, HEELS, TOES], 1].mean(axis=1)  # (N, 2)
        self.rows = [
            np.flatnonzero(
                (times > times[frame] - _STANCE_S)
                & (times <= times[frame])
                & np.isfinite(lower).all(axis=1)
            )
            for frame in frames
        ]
        self.sides = np.where(np.isfinite(lower), lower, -np.inf).argmax(axis=1)  # (N,)

    def mean(self, value: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
        """(E, 1) mean of `value(frames, is_near)` over each stance; 0 where nobody is seen."""
        means = [
            float(np.mean(value(rows, self.sides[rows] == self.near))) if len(rows) else 0.0
            for rows in self.rows
        ]
        return np.array(means)[:, None]

    def difference(self, pair: tuple[int, int], column: int) -> np.ndarray:
        """(E, 1) of the stance leg's landmark less that of the other leg."""
        values = self.points[:, pair, column]
        signs = np.where(self.sides == 0, 1, -1)
        return self.mean(lambda rows, _: signs[rows] * (values[rows, 0] - values[rows, 1]))

    def position(self, scaled: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(E,) x and y of the toe on the ground; NaN where nobody is seen."""
        toes = np.array(TOES)
        places = [
            np.median(scaled[rows, toes[self.sides[rows]]], axis=0)
            if len(rows)
            else np.full(2, np.nan)
            for rows in self.rows
        ]
        x, y = np.array(places).reshape(-1, 2).T
        return x, y


def ground_line(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(E,) how far each contact is below the line through its neighbours, in body heights.

    The nearer foot stands lower in the image. More than a tenth is an error of the camera's motion.
    """
    below = np.zeros(len(x))
    for number in range(len(x)):
        others = [
            k
            for k in range(max(number - 2, 0), min(number + 3, len(x)))
            if k != number and np.isfinite(y[k])
        ]
        if len(others) > 1 and np.isfinite(y[number]):
            weight = 1 / np.abs(np.array(others) - number)
            line = np.polyfit(x[others], y[others], 1, w=weight)
            below[number] = y[number] - np.polyval(line, x[number])
    return np.where(np.abs(below) < 0.1, below, 0.0)


def swapped_legs(scaled: np.ndarray) -> np.ndarray:
    """(N,) probability that the legs' names are swapped, from the motion of (N, 33, 2) landmarks.

    Forward and backward over the whole video: each leg keeps its speed, names are mostly right.
    """
    hips = scaled[:, HIPS].mean(axis=1)
    legs = np.stack([scaled[:, pair] - hips[:, None] for pair in (KNEES, ANKLES, HEELS, TOES)], 2)
    legs = np.nan_to_num(legs.reshape(len(legs), 2, -1))
    both = np.stack([legs, legs[:, ::-1]], axis=1)  # (N, named or swapped, leg, coordinates)
    count = len(both)
    if count < 3:
        return np.full(count, 0.5)
    cost = np.array([0.0, _SWAP_COST])
    change = (
        both[2:, None, None, :] - 2 * both[1:-1, None, :, None] + both[:-2, :, None, None]
    )  # (N - 2, before, now, after, leg, coordinates)
    steps = -np.abs(change).mean(axis=(4, 5)) / _MOTION - cost
    forward, backward = np.zeros((count, 2, 2)), np.zeros((count, 2, 2))
    forward[1] = -(cost[:, None] + cost)
    for t in range(2, count):
        forward[t] = np.logaddexp.reduce(forward[t - 1][:, :, None] + steps[t - 2], axis=0)
    for t in range(count - 1, 1, -1):
        backward[t - 1] = np.logaddexp.reduce(steps[t - 2] + backward[t][None], axis=2)
    total = forward + backward
    shares = np.exp(total - total.max(axis=(1, 2), keepdims=True))
    posterior = shares[:, :, 1].sum(axis=1) / shares.sum(axis=(1, 2))
    posterior[0] = posterior[1]
    return np.asarray(posterior)
