"""The synthetic video's camera: a low pinhole camera with lens distortion.

World: x to the viewer's right, y up from the ground, z away from the camera, metres; z is 0 on the
runway's calibrated line and x is 0 where the drill's first push-off would be. Door: cv2.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from pushoff.events.measure.lens import Lens

_GRID_PX = 8
"""The distortion is removed at every eighth pixel and interpolated: it is smooth."""
_NEAR_PLANE_M = 0.05
"""Nothing nearer than this is seen."""


@dataclass(frozen=True)
class Camera:
    """A pinhole with Brown-Conrady distortion; rotated by yaw, then pitch, then roll."""

    width_px: int
    height_px: int
    lens: Lens
    x_m: float
    """World x of the tripod."""
    lens_height_m: float
    distance_m: float
    """To the calibrated line, z = 0."""
    yaw_rad: float = 0.0
    """Positive looks to the right."""
    pitch_rad: float = 0.0
    """Positive looks up, which lowers the horizon in the image."""
    roll_rad: float = 0.0
    """Positive turns the image's content clockwise."""

    @property
    def focal_px(self) -> float:
        """Focal length in pixels; the pixels are square."""
        return self.lens.fx_px

    def turned(self, yaw_rad: float) -> "Camera":
        """The same camera at another yaw."""
        return replace(self, yaw_rad=yaw_rad)

    @property
    def rotation(self) -> np.ndarray:
        """(3, 3) from level axes (right, down, forward) to the camera's."""
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
        """(3, 3) intrinsic matrix, without the distortion."""
        lens = self.lens
        return np.array([[lens.fx_px, 0, lens.cx_px], [0, lens.fy_px, lens.cy_px], [0, 0, 1]])

    def homography(self) -> np.ndarray:
        """(3, 3) from ground (x, z) metres to undistorted pixels, last element 1."""
        ground = np.array([[1, 0, -self.x_m], [0, 0, self.lens_height_m], [0, 1, self.distance_m]])
        whole = self.matrix @ self.rotation @ ground
        return whole / whole[2, 2]

    def project(self, points: np.ndarray) -> np.ndarray:
        """(N, 2) pixels in the distorted image of (N, 3) world points, metres.

        NaN for points behind the camera, and for those so far aside that the lens formula folds
        them back into the image.
        """
        points = np.asarray(points, float)
        level = (points - [self.x_m, self.lens_height_m, -self.distance_m]) * [1, -1, 1]
        homogeneous = level @ (self.matrix @ self.rotation).T
        depth = np.where(homogeneous[:, 2:] > _NEAR_PLANE_M, homogeneous[:, 2:], np.nan)
        undistorted = homogeneous[:, :2] / depth
        pixels = self.lens.distort(undistorted)
        with np.errstate(invalid="ignore"):
            folded = ~(np.abs(self.lens.undistort(pixels) - undistorted).max(axis=1) < 1.0)
        pixels[folded] = np.nan
        return pixels

    def level_rays(self) -> np.ndarray:
        """(H, W, 3) float32 directions (right, down, forward) of every pixel, at yaw 0."""
        columns = np.arange(0, self.width_px + 2 * _GRID_PX, _GRID_PX)
        rows = np.arange(0, self.height_px + 2 * _GRID_PX, _GRID_PX)
        grid = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2)
        undistorted = self.lens.undistort(grid)
        rays = np.concatenate([undistorted, np.ones((len(undistorted), 1))], 1)
        rotation = self.turned(0.0).rotation
        rays = (rays @ np.linalg.inv(self.matrix).T) @ rotation  # the inverse, transposed
        coarse = rays.reshape(len(rows), len(columns), 3).astype(np.float32)
        x, y = np.meshgrid(
            np.arange(self.width_px, dtype=np.float32) / _GRID_PX,
            np.arange(self.height_px, dtype=np.float32) / _GRID_PX,
        )
        return cv2.remap(coarse, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def half_view_tangent(lens: Lens, width_px: int) -> float:
    """Tangent of half the horizontal field of view; NaN where the lens folds before the edge."""
    edge = lens.undistort(np.array([[float(width_px), lens.cy_px]]))
    return float((edge[0, 0] - lens.cx_px) / lens.fx_px)
