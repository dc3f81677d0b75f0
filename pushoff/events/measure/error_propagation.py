"""Lengths on the ground between toes in the picture, and what each cause of error does to them.

Causes (each toe, each frame, each calibration click, the lane) are followed one at a time, to
first order, by one standard deviation, and combined in quadrature. What is common to all phases,
a scale or a lane, so widens the metres and leaves their ratio alone.
"""

from dataclasses import dataclass

import numpy as np

from pushoff.events.measure.ground_calibration import Calibration

ROUNDING = 12**-0.5
"""Standard deviation of what rounding to a whole frame or pixel hides."""
_OFFSET_FRAMES = (-8.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0)
_TOE_DRIFT_CM = (0.9, 0.8, 0.5, 0.4, 0.0, 0.7, 1.9, 3.3, 4.9, 8.2)
_TOE_RISE_CM = (1.7, 1.6, 1.4, 1.0, 0.0, 1.7, 3.8, 6.5, 9.3, 15.2)
"""How far the toe is from where it left the ground, frames of 1/240 s early or late:
docs/domain.md, "Toe drift" (force plates, four toe-offs at 9.57 m/s; bounding is slower, so this
does not understate)."""


@dataclass(frozen=True, eq=False)
class GroundDistances:
    """N - 1 lengths between N toes; NaN where a toe is unknown or off the ground."""

    lengths_m: np.ndarray
    """(N - 1,)"""
    causes: dict[str, np.ndarray]
    """By name, (K, N - 1) metres: what each of K independent errors does to every length."""

    def parts_m(self) -> dict[str, np.ndarray]:
        """(N - 1,) standard deviations by cause."""
        return {name: _quadrature(effects) for name, effects in self.causes.items()}

    def errors_m(self) -> np.ndarray:
        """(N - 1,) standard deviations, all causes together."""
        return _quadrature(self._every())

    def total_m(self) -> tuple[float, float]:
        """The sum and its standard deviation."""
        return float(self.lengths_m.sum()), float(_quadrature(self._every().sum(1)))

    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        """(N - 1,) parts of the sum and their standard deviations."""
        total, every = self.lengths_m.sum(), self._every()
        shares = self.lengths_m / total
        return shares, _quadrature(every - shares * every.sum(1, keepdims=True)) / total

    def _every(self) -> np.ndarray:
        return np.concatenate(list(self.causes.values()))


def toe_drift_m(uncertainty_frames: np.ndarray, capture_fps: float) -> np.ndarray:
    """(N, 2) metres the toe is off, along and up, by N standard deviations in frames.

    Root mean square of that much early and that much late. Past the table's ends the foot still
    stands (early) or swings on at the table's last rate (late).
    """
    offsets = np.array([[-1], [1]]) * uncertainty_frames * 240 / capture_fps  # (2, N)
    beyond = np.clip(offsets - _OFFSET_FRAMES[-1], 0, None)
    moved = [
        np.interp(offsets, _OFFSET_FRAMES, cm) + beyond * (cm[-1] - cm[-2]) / 2
        for cm in (_TOE_DRIFT_CM, _TOE_RISE_CM)
    ]
    return np.sqrt(np.square(moved).mean(1)).T / 100


def ground_distances(
    toes_px: np.ndarray, errors_px: np.ndarray, drift_m: np.ndarray, calibration: Calibration
) -> GroundDistances:
    """Lengths between consecutive toes.

    `toes_px` is (N, 2) video pixels, NaN where unknown; `errors_px` (N,), the standard deviation
    of each coordinate; `drift_m` (N, 2), along and up, what the frame's error adds.
    """
    ground = calibration.to_ground(toes_px)  # (N, 2)
    half = 0.5 * np.eye(2)
    slopes = np.stack(  # (axis of the picture, N, 2): metres on the ground per pixel
        [calibration.to_ground(toes_px + h) - calibration.to_ground(toes_px - h) for h in half]
    )
    px_per_m = 1 / np.hypot(*slopes[0].T)
    lengths = _lengths(ground)
    # z / D (docs/domain.md, "Distances from one side camera"): the athlete stands beside the
    # line whose scale is known.
    lane = calibration.setup.lateral_offset_m / calibration.distance_m
    clicks = range(len(calibration.one_click_off))
    causes = {
        "lateral_m": [lengths * (0.0 if calibration.sees_depth else lane)],
        "toe_m": _moves(ground, slopes, np.c_[errors_px, errors_px]),
        "frame_m": _moves(ground, slopes, drift_m * px_per_m[:, None]),
        "calibration_m": [_lengths(calibration.to_ground(toes_px, k)) - lengths for k in clicks],
    }
    return GroundDistances(lengths, {name: np.array(each) for name, each in causes.items()})


def _moves(ground: np.ndarray, slopes: np.ndarray, errors_px: np.ndarray) -> list[np.ndarray]:
    """What each toe's error does to every length, and what all rows off alike would do.

    Rows are counted both ways because nobody knows how alike they are: the same shoe, judged by
    the same model, may be seen too high everywhere, and a homography turns height into depth.
    """
    steps = slopes * errors_px.T[:, :, None]  # (axis, N, 2)
    alone = [step * one[:, None] for step in steps for one in np.eye(len(ground))]
    # A missing toe's step is NaN; it must not spoil the lengths it is no end of.
    alone = [np.nan_to_num(step) for step in alone]
    return [(_lengths(ground + s) - _lengths(ground - s)) / 2 for s in (*alone, steps[1])]


def _lengths(points: np.ndarray) -> np.ndarray:
    return np.hypot(*np.diff(points, axis=0).T)


def _quadrature(effects: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(effects).sum(0))
