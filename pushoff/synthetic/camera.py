"""The synthetic video's camera: a low pinhole that may turn, lean and bend straight lines.

World: x to the viewer's right, y up from the ground, z away from the camera, metres; z is 0 on the
runway's calibrated line and x is 0 where the drill's first push-off would be. Door: cv2.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from pushoff.events.measure.lens import Lens

_GRID_PX = 8
"""The lens is undone at every eighth pixel and interpolated: it is smooth."""
_NEAREST_M = 0.05
"""Nothing is seen nearer than this."""


@dataclass(frozen=True)
class Camera:
    """A pinhole with Brown-Conrady distortion; rotated by yaw, then pitch, then roll."""

    width_px: int
    height_px: int
    lens: Lens
    x_m: float
    """Where the tripod stands."""
    lens_height_m: float
    distance_m: float
    """To the calibrated line, z = 0."""
    yaw_rad: float = 0.0
    """Positive looks to the right."""
    pitch_rad: float = 0.0
    """Positive looks up, which lowers the horizon in the picture."""
    roll_rad: float = 0.0
    """Positive turns the picture's content clockwise."""

    @property
    def focal_px(self) -> float:
        """Focal length in pixels; the pixels are square."""
        return self.lens.fx_px

    def turned(self, yaw_rad: float) -> "Camera":
        """The same camera looking elsewhere along the horizon."""
        return replace(self, yaw_rad=yaw_rad)

    @property
    def rotation(self) -> np.ndarray:
        """(3, 3) from the level frame (right, down, forward) to the camera's."""
        (a, b), (c, d), (e, f) = (
            (np.cos(angle), np.sin(angle))
            for angle in (self.yaw_rad, self.pitch_rad, self.roll_rad)
        )
        yaw = np.array([[a, 0, -b], [0, 1, 0], [b, 0, a]])
        pitch = np.array([[1, 0, 0], [0, c, d], [0, -d, c]])
        roll = np.array([[e, -f, 0], [f, e, 0], [0, 0, 1]])
        return roll @ pitch @ yaw

    @property
    def matrix(self) -> np.ndarray:
        """(3, 3) intrinsics, without the distortion."""
        lens = self.lens
        return np.array([[lens.fx_px, 0, lens.cx_px], [0, lens.fy_px, lens.cy_px], [0, 0, 1]])

    def homography(self) -> np.ndarray:
        """(3, 3) from ground (x, z) metres to undistorted pixels, last element 1."""
        ground = np.array([[1, 0, -self.x_m], [0, 0, self.lens_height_m], [0, 1, self.distance_m]])
        whole = self.matrix @ self.rotation @ ground
        return whole / whole[2, 2]

    def project(self, points: np.ndarray) -> np.ndarray:
        """(N, 2) pixels as in the picture, of (N, 3) world points; NaN where it cannot see them:
        behind it, and so far aside that the lens formula would fold them back into the picture."""
        points = np.asarray(points, float)
        level = (points - [self.x_m, self.lens_height_m, -self.distance_m]) * [1, -1, 1]
        seen = level @ (self.matrix @ self.rotation).T
        deep = np.where(seen[:, 2:] > _NEAREST_M, seen[:, 2:], np.nan)
        straight = seen[:, :2] / deep
        shown = self.lens.distort(straight)
        with np.errstate(invalid="ignore"):
            folded = ~(np.abs(self.lens.undistort(shown) - straight).max(axis=1) < 1.0)
        shown[folded] = np.nan
        return shown

    def level_rays(self) -> np.ndarray:
        """(H, W, 3) float32 directions (right, down, forward) of every pixel as yaw 0 sees it."""
        columns = np.arange(0, self.width_px + 2 * _GRID_PX, _GRID_PX)
        rows = np.arange(0, self.height_px + 2 * _GRID_PX, _GRID_PX)
        grid = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)
        straight = self.lens.undistort(grid)
        rays = np.concatenate([straight, np.ones((len(straight), 1))], 1)
        turn = self.turned(0.0).rotation
        rays = (rays @ np.linalg.inv(self.matrix).T) @ turn  # a rotation's inverse, transposed
        coarse = rays.reshape(len(rows), len(columns), 3).astype(np.float32)
        x, y = np.meshgrid(
            np.arange(self.width_px, dtype=np.float32) / _GRID_PX,
            np.arange(self.height_px, dtype=np.float32) / _GRID_PX,
        )
        return cv2.remap(coarse, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def edge_tangent(lens: Lens, width_px: int) -> float:
    """Tangent of the angle at which the picture's edge looks, NaN where the lens folds before."""
    edge = lens.undistort(np.array([[float(width_px), lens.cy_px]]))
    return float((edge[0, 0] - lens.cx_px) / lens.fx_px)
