"""A lens that bends straight lines, and how to bend them back."""

from dataclasses import dataclass, fields

import numpy as np

from pushoff.errors import BadInput
from pushoff.util.json_input import preview

_HUGE = 1e6
_STILL = 1e-12
"""A correction this small, in focal lengths, is the last digits of a float."""


def checked_number(value: object, name: str, low: float = -_HUGE, high: float = _HUGE) -> float:
    """`value` as a float; BadInput when it is no number (true, NaN, text) or out of range."""
    plain = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not plain or not low <= value <= high:  # NaN fails the comparison
        raise BadInput(f"{name} is {preview(value)}: it must be a number from {low:g} to {high:g}")
    return float(value)


@dataclass(frozen=True)
class Lens:
    """Brown-Conrady distortion, in OpenCV's order of terms. Raises BadInput on a wild number.

    Source: Brown 1966; x_d = x (1 + k1 r² + k2 r⁴ + k3 r⁶) + 2 p1 x y + p2 (r² + 2x²), likewise y.
    """

    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    k1: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    k3: float = 0.0

    def __post_init__(self) -> None:
        for each in fields(self):
            low = 1.0 if each.name in ("fx_px", "fy_px") else -_HUGE
            checked_number(getattr(self, each.name), f"lens {each.name}", low)

    def _bend(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        r2 = np.square(x).sum(1, keepdims=True)
        product = x[:, :1] * x[:, 1:]
        tangential = 2 * product * [self.p1, self.p2] + [self.p2, self.p1] * (r2 + 2 * x * x)
        return 1 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3)), tangential

    def distort(self, points_px: np.ndarray) -> np.ndarray:
        """(N, 2) pixels of the video from (N, 2) pixels of a straight lens."""
        focal, centre = np.array([self.fx_px, self.fy_px]), [self.cx_px, self.cy_px]
        x = (np.asarray(points_px, float) - centre) / focal
        radial, tangential = self._bend(x)
        return (x * radial + tangential) * focal + centre

    def undistort(self, points_px: np.ndarray) -> np.ndarray:
        """(N, 2) straight-lens pixels from (N, 2) of the video; NaN where there is no answer.

        Fixed-point iteration, as OpenCV's undistortPoints, but checked: an answer must give the
        point back within 1e-6 px and lie where the picture still grows outwards.
        """
        points_px = np.asarray(points_px, float)
        focal, centre = np.array([self.fx_px, self.fy_px]), [self.cx_px, self.cy_px]
        bent = (points_px - centre) / focal
        x = bent.copy()
        with np.errstate(all="ignore"):  # what diverges is thrown out by the check below
            for _ in range(100):
                radial, tangential = self._bend(x)
                before, x = x, (bent - tangential) / radial
                if not (np.abs(x - before) > _STILL).any():  # NaN moves no more
                    break
            straight = x * focal + centre
            r2 = np.square(x).sum(1)
            growth = 1 + r2 * (3 * self.k1 + r2 * (5 * self.k2 + r2 * 7 * self.k3))
            good = np.abs(self.distort(straight) - points_px).max(1, initial=0) < 1e-6
        return np.where((good & (growth > 0))[:, None], straight, np.nan)
