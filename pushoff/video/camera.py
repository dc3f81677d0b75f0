"""The synthetic film's fixed camera and what it sees when nobody runs. Door: cv2.

World: x to the viewer's right, y up from the ground, z away from the camera, metres.
"""

from dataclasses import dataclass

import cv2
import numpy as np

FIELD_OF_VIEW_DEG = 85.0
"""Horizontal, of a GoPro in Linear mode."""


@dataclass(frozen=True)
class Camera:
    """A pinhole on a low tripod with a little roll and lens distortion."""

    width_px: int
    height_px: int
    distance_m: float
    """To the athlete's lane."""
    lens_height_m: float
    centre_x_m: float
    roll_rad: float
    distortion: float
    """Brown k1 over the half width."""
    horizon_px: float

    @property
    def focal_px(self) -> float:
        """Focal length in pixels."""
        return 0.5 * self.width_px / np.tan(np.radians(FIELD_OF_VIEW_DEG / 2))

    def project(self, points: np.ndarray, depth_m: np.ndarray | float) -> np.ndarray:
        """(N, 2) pixels of (N, 2) world x, y at a depth in metres from the camera."""
        points = np.atleast_2d(points)
        depth = np.broadcast_to(np.asarray(depth_m, float), len(points))[:, None]
        flat = (points - [self.centre_x_m, self.lens_height_m]) * [1, -1] * self.focal_px / depth
        cosine, sine = np.cos(self.roll_rad), np.sin(self.roll_rad)
        flat = flat @ np.array([[cosine, sine], [-sine, cosine]])
        radius = np.square(flat).sum(1, keepdims=True) / (self.width_px / 2) ** 2
        return flat * (1 + self.distortion * radius) + [self.width_px / 2, self.horizon_px]


def paint_scene(camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 RGB: sky, trees, a fence and a runway with lanes and cones."""
    height, width = camera.height_px, camera.width_px
    horizon = int(camera.horizon_px)
    image = np.zeros((height, width, 3), np.float32)
    sky = np.array([[196, 210, 228], [168, 196, 226], [214, 214, 216]][rng.integers(3)], np.float32)
    image[:] = sky * np.linspace(0.88, 1.06, height)[:, None, None]
    _paint_trees(image, horizon, rng)
    ground = np.array(
        [[158, 82, 66], [128, 118, 104], [92, 118, 152], [146, 96, 70]][rng.integers(4)], np.float32
    )
    shade = np.linspace(0.82, 1.12, max(height - horizon, 1))[:, None, None]
    image[horizon:] = ground * shade
    grain = _cloud(rng, (height, width), 3) * 7 + _cloud(rng, (height, width), 24) * 9
    image[horizon:] += grain[horizon:, :, None]
    grass = camera.project(np.array([[0.0, 0.0]]), camera.distance_m * 2.2)[0, 1]
    far = slice(horizon, max(int(grass), horizon + 2))
    image[far] = np.array([92, 128, 70]) + 1.6 * grain[far, :, None]
    pixels = np.clip(image, 0, 255).astype(np.uint8)
    for across in (-1.3, 1.2, 2.4):
        _ground_line(pixels, camera, camera.distance_m + across)
    _paint_fence(pixels, camera, rng)
    for metre in range(-30, 31, 2):
        _paint_cone(pixels, camera, float(metre), camera.distance_m + 0.9)
    return cv2.GaussianBlur(pixels, (0, 0), 0.6)


def _paint_trees(image: np.ndarray, horizon: int, rng: np.random.Generator) -> None:
    height, width = image.shape[:2]
    outline = horizon - height * (0.16 + 0.06 * _cloud(rng, (1, width), 40)[0])
    rows = np.arange(height)[:, None]
    leaves = _cloud(rng, (height, width), 4) * 16 + _cloud(rng, (height, width), 14) * 14
    green = np.array([58, 84, 52], np.float32) * rng.uniform(0.8, 1.3)
    mask = (rows > outline[None]) & (rows < horizon)
    image[mask] = (green + leaves[..., None])[mask]
    for _ in range(rng.integers(1, 4)):  # huts and banners
        left, wide = rng.integers(0, width), rng.integers(width // 16, width // 6)
        top = horizon - rng.integers(height // 14, height // 7)
        image[top:horizon, left : left + wide] = rng.uniform(90, 220, 3)


def _paint_fence(pixels: np.ndarray, camera: Camera, rng: np.random.Generator) -> None:
    depth = camera.distance_m * 2.4
    colour = tuple(int(value) for value in rng.integers(120, 220, 3))
    for metre in np.arange(-40, 40, 2.0):
        foot, top = camera.project(np.array([[metre, 0.0], [metre, 1.05]]), depth)
        cv2.line(pixels, _whole(foot), _whole(top), colour, 1, cv2.LINE_AA)
    for high in (0.55, 1.05):
        line = camera.project(np.array([[x, high] for x in np.linspace(-40, 40, 40)]), depth)
        cv2.polylines(pixels, [line.round().astype(np.int32)], False, colour, 1, cv2.LINE_AA)


def _ground_line(pixels: np.ndarray, camera: Camera, depth_m: float) -> None:
    line = camera.project(np.array([[x, 0.0] for x in np.linspace(-40, 40, 80)]), depth_m)
    cv2.polylines(
        pixels, [(line * 16).round().astype(np.int32)], False, (226, 224, 218), 2, cv2.LINE_AA, 4
    )


def _paint_cone(pixels: np.ndarray, camera: Camera, x_m: float, depth_m: float) -> None:
    corners = np.array([[x_m - 0.1, 0], [x_m + 0.1, 0], [x_m + 0.02, 0.22], [x_m - 0.02, 0.22]])
    points = (camera.project(corners, depth_m) * 16).round().astype(np.int32)
    cv2.fillConvexPoly(pixels, points, (236, 118, 34), cv2.LINE_AA, 4)


def _cloud(rng: np.random.Generator, shape: tuple[int, int], grain_px: int) -> np.ndarray:
    """Smooth noise of unit spread, blobs of about `grain_px`."""
    small = rng.standard_normal((shape[0] // grain_px + 2, shape[1] // grain_px + 2))
    return cv2.resize(small.astype(np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)


def _whole(point: np.ndarray) -> tuple[int, int]:
    return round(point[0]), round(point[1])
