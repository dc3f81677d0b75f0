"""Distances on the ground between toes in the picture, and the effect of each source of error.

Sources (each toe, each frame, each calibration click, the lane) are propagated one at a time, to
first order, by one standard deviation, and combined in quadrature. An error common to all phases,
such as a scale or a lane, therefore widens the distances but not their ratio.
"""

from dataclasses import dataclass

import numpy as np

from pushoff.events.measure.ground_calibration import Calibration

ROUNDING = 12**-0.5
"""Standard deviation of rounding to a whole frame or pixel."""
_OFFSET_FRAMES = (-8.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 6.0)
_TOE_DRIFT_CM = (0.9, 0.8, 0.5, 0.4, 0.0, 0.7, 1.9, 3.3, 4.9, 8.2)
_TOE_RISE_CM = (1.7, 1.6, 1.4, 1.0, 0.0, 1.7, 3.8, 6.5, 9.3, 15.2)
"""Distance of the toe from where it left the ground, by frames of 1/240 s early or late:
docs/domain.md, "Toe drift" (force plates, four toe-offs at 9.57 m/s; bounding is slower, so this
does not understate)."""


@dataclass(frozen=True, eq=False)
class GroundDistances:
    """N - 1 distances between N toes; NaN where a toe is unknown or off the ground."""

    lengths_m: np.ndarray
    """(N - 1,)"""
    effects_m: dict[str, np.ndarray]
    """By source, (K, N - 1): the effect of each of K independent errors on every distance."""

    def parts_m(self) -> dict[str, np.ndarray]:
        """(N - 1,) standard deviations by source."""
        return {name: _quadrature(effects) for name, effects in self.effects_m.items()}

    def errors_m(self) -> np.ndarray:
        """(N - 1,) standard deviations, all sources together."""
        return _quadrature(self._all_effects())

    def total_m(self) -> tuple[float, float]:
        """The sum and its standard deviation."""
        return float(self.lengths_m.sum()), float(_quadrature(self._all_effects().sum(1)))

    def shares(self) -> tuple[np.ndarray, np.ndarray]:
        """(N - 1,) parts of the sum and their standard deviations."""
        total, effects = self.lengths_m.sum(), self._all_effects()
        shares = self.lengths_m / total
        return shares, _quadrature(effects - shares * effects.sum(1, keepdims=True)) / total

    def _all_effects(self) -> np.ndarray:
        return np.concatenate(list(self.effects_m.values()))


def toe_drift_m(uncertainty_frames: np.ndarray, capture_fps: float) -> np.ndarray:
    """(N, 2) metres the toe moves, along and up, within (N,) standard deviations in frames.

    Root mean square of that much early and that much late. Beyond the table's ends the foot stands
    still (early) or swings on at the table's last rate (late).
    """
    offsets = np.array([[-1], [1]]) * uncertainty_frames * 240 / capture_fps  # (2, N)
    beyond = np.clip(offsets - _OFFSET_FRAMES[-1], 0, None)
    drifts_cm = [
        np.interp(offsets, _OFFSET_FRAMES, cm) + beyond * (cm[-1] - cm[-2]) / 2
        for cm in (_TOE_DRIFT_CM, _TOE_RISE_CM)
    ]
    return np.sqrt(np.square(drifts_cm).mean(1)).T / 100


def ground_distances(
    toes_px: np.ndarray, errors_px: np.ndarray, drift_m: np.ndarray, calibration: Calibration
) -> GroundDistances:
    """Distances between consecutive toes.

    `toes_px` is (N, 2) video pixels, NaN where unknown; `errors_px` (N,), the standard deviation
    of each coordinate; `drift_m` (N, 2), along and up, the effect of the frame's error.
    """
    ground = calibration.to_ground(toes_px)  # (N, 2)
    half_steps = 0.5 * np.eye(2)
    slopes = np.stack(  # (axis of the picture, N, 2): metres on the ground per pixel
        [
            calibration.to_ground(toes_px + half) - calibration.to_ground(toes_px - half)
            for half in half_steps
        ]
    )
    px_per_m = 1 / np.hypot(*slopes[0].T)
    lengths = _lengths(ground)
    # z / D (docs/domain.md, "Distances from one side camera"): the athlete is beside the line of
    # known scale.
    lane = calibration.setup.lateral_offset_m / calibration.distance_m
    effects = {
        "lateral_m": [lengths * (0.0 if calibration.has_depth else lane)],
        "toe_m": _propagate(ground, slopes, np.c_[errors_px, errors_px]),
        "frame_m": _propagate(ground, slopes, drift_m * px_per_m[:, None]),
        "calibration_m": [
            _lengths(calibration.to_ground(toes_px, k)) - lengths
            for k in range(len(calibration.perturbed_homographies))
        ],
    }
    return GroundDistances(lengths, {name: np.array(each) for name, each in effects.items()})


def _propagate(ground: np.ndarray, slopes: np.ndarray, errors_px: np.ndarray) -> list[np.ndarray]:
    """The effect of each toe's error on every distance, and of all rows off by their errors alike.

    Rows are counted both ways because their correlation is unknown: the same shoe, judged by the
    same model, may be located too high everywhere, and a homography turns height into depth.
    """
    steps = slopes * errors_px.T[:, :, None]  # (axis, N, 2)
    single = [step * one_hot[:, None] for step in steps for one_hot in np.eye(len(ground))]
    # An unknown toe's step is NaN; it must not affect distances it is no end of.
    single = [np.nan_to_num(step) for step in single]
    return [(_lengths(ground + step) - _lengths(ground - step)) / 2 for step in (*single, steps[1])]


def _lengths(points: np.ndarray) -> np.ndarray:
    return np.hypot(*np.diff(points, axis=0).T)


def _quadrature(effects: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(effects).sum(0))
