"""Lens distortion and its inverse."""

from dataclasses import dataclass, fields

import numpy as np

from pushoff.errors import BadInput
from pushoff.util.json_input import preview

_LIMIT = 1e6
_CONVERGED = 1e-12
"""A correction this small, in focal lengths, is within floating-point error."""


def checked_number(value: object, name: str, low: float = -_LIMIT, high: float = _LIMIT) -> float:
    """`value` as a float. Raises BadInput when it is not a number (true, NaN, text) or out of
    range."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
        return float(value)  # NaN is in no range
    raise BadInput(
        f"{name} is {preview(value)}, expected a number from {low:g} to {high:g}",
        code="invalid_value",
    )


@dataclass(frozen=True)
class Lens:
    """Brown-Conrady distortion, with OpenCV's coefficients. Raises BadInput on a value out of
    range.

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
        for field in fields(self):
            low = 1.0 if field.name in ("fx_px", "fy_px") else -_LIMIT
            checked_number(getattr(self, field.name), f"lens {field.name}", low)

    def _distortion(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Radial factor (N, 1) and tangential shift (N, 2) of (N, 2) normalised points."""
        r2 = np.square(x).sum(1, keepdims=True)
        product = x[:, :1] * x[:, 1:]
        tangential = 2 * product * [self.p1, self.p2] + [self.p2, self.p1] * (r2 + 2 * x * x)
        return 1 + r2 * (self.k1 + r2 * (self.k2 + r2 * self.k3)), tangential

    def distort(self, points_px: np.ndarray) -> np.ndarray:
        """(N, 2) pixels of the video from (N, 2) undistorted pixels."""
        focal, centre = np.array([self.fx_px, self.fy_px]), [self.cx_px, self.cy_px]
        x = (np.asarray(points_px, float) - centre) / focal
        radial, tangential = self._distortion(x)
        return (x * radial + tangential) * focal + centre

    def undistort(self, points_px: np.ndarray) -> np.ndarray:
        """(N, 2) undistorted pixels from (N, 2) of the video; NaN where there is no solution.

        Fixed-point iteration, as in OpenCV's undistortPoints, but verified: distorting the solution
        must give the point back within 1e-6 px, where the distortion still increases outwards.
        """
        points_px = np.asarray(points_px, float)
        focal, centre = np.array([self.fx_px, self.fy_px]), [self.cx_px, self.cy_px]
        distorted = (points_px - centre) / focal
        x = distorted.copy()
        with np.errstate(all="ignore"):  # points that diverge are removed by the check below
            for _ in range(100):
                radial, tangential = self._distortion(x)
                before, x = x, (distorted - tangential) / radial
                if not (np.abs(x - before) > _CONVERGED).any():  # also once all are NaN
                    break
            undistorted = x * focal + centre
            r2 = np.square(x).sum(1)
            growth = 1 + r2 * (3 * self.k1 + r2 * (5 * self.k2 + r2 * 7 * self.k3))
            solved = np.abs(self.distort(undistorted) - points_px).max(1, initial=0) < 1e-6
        return np.where((solved & (growth > 0))[:, None], undistorted, np.nan)
