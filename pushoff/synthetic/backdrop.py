"""What the synthetic camera sees when nobody runs: sky, trees, a fence, a runway with cones.

It is painted once as a level pinhole would see it and then bent and turned into each view.
Door: cv2.
"""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from pushoff.events.measure.lens import Lens
from pushoff.synthetic.camera import Camera

CONE_ROWS_M = (1.8, -1.5)
"""Beyond the lane stand cones; before it lie flat marks, which hide no foot."""
_LARGEST_PX = 6000
"""Of the level picture; what lies further to the side is repeated."""


def marks(camera: Camera) -> np.ndarray:
    """(N, 2) ground x, z of the cones and marks around what the camera sees, metres."""
    span = camera.width_px / camera.focal_px * camera.distance_m
    step = 2.0 if span >= 12 else 1.0
    start = np.floor((camera.x_m - 2.5 * span) / step) * step
    along = np.arange(start, camera.x_m + 2.5 * span, step)
    return np.array([[x, row] for row in CONE_ROWS_M for x in along])


def visible_marks(camera: Camera) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """((x, y) pixels as in the picture, (x, z) metres) of every mark in view."""
    ground = marks(camera)
    seen = camera.project(np.insert(ground, 1, 0.0, axis=1))
    inside = (seen > 1).all(1) & (seen < [camera.width_px - 2, camera.height_px - 2]).all(1)
    return [
        ((round(float(x), 2), round(float(y), 2)), (float(along), float(across)))
        for (x, y), (along, across) in zip(seen[inside], ground[inside], strict=True)
    ]


def scene(
    camera: Camera, rng: np.random.Generator, yaws_rad: tuple[float, float]
) -> Callable[[float], np.ndarray]:
    """Paint the place, and return the view at a yaw: (H, W, 3) uint8 RGB, a fresh picture.

    `yaws_rad` are the furthest turns to the left and right.
    """
    rays = camera.level_rays()
    corners = [_plane(rays, yaw) for yaw in yaws_rad]
    left, right = min(x.min() for x, _ in corners), max(x.max() for x, _ in corners)
    top, low = min(y.min() for _, y in corners), max(y.max() for _, y in corners)
    focal = camera.focal_px
    margin = 3
    width = min(int((right - left) * focal) + 2 * margin, _LARGEST_PX)
    height = min(int((low - top) * focal) + 2 * margin, _LARGEST_PX)
    origin = (margin - left * focal, margin - top * focal)
    level = replace(
        camera,
        width_px=width,
        height_px=height,
        lens=Lens(focal, focal, *origin),
        yaw_rad=0.0,
        pitch_rad=0.0,
        roll_rad=0.0,
    )
    painted = _paint(level, marks(camera), rng)

    def view(yaw_rad: float) -> np.ndarray:
        x, y = _plane(rays, yaw_rad)
        at = (
            x * np.float32(focal) + np.float32(origin[0]),
            y * np.float32(focal) + np.float32(origin[1]),
        )
        return cv2.remap(painted, *at, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)

    return view


def _plane(rays: np.ndarray, yaw_rad: float) -> tuple[np.ndarray, np.ndarray]:
    """Where the rays of a turned camera meet the level picture at distance 1: x, y."""
    cosine, sine = np.float32(np.cos(yaw_rad)), np.float32(np.sin(yaw_rad))
    right, down, forward = rays[..., 0], rays[..., 1], rays[..., 2]
    deep = np.maximum(cosine * forward - sine * right, np.float32(0.12))
    return (cosine * right + sine * forward) / deep, down / deep


def _paint(level: Camera, ground_marks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 RGB of the whole place."""
    height, width = level.height_px, level.width_px
    horizon = int(np.clip(level.lens.cy_px, 0, height - 2))
    image = np.zeros((height, width, 3), np.float32)
    sky = np.array([[196, 210, 228], [168, 196, 226], [214, 214, 216]][rng.integers(3)], np.float32)
    image[:] = sky * np.linspace(0.88, 1.06, height, dtype=np.float32)[:, None, None]
    # Colours come first: how many numbers the textures take depends on the picture's size.
    tracks = [[158, 82, 66], [128, 118, 104], [92, 118, 152], [146, 96, 70]]
    ground = np.array(tracks[rng.integers(4)], np.float32)
    unit = level.focal_px / 350  # sizes below were chosen for a picture of that focal length
    _paint_trees(image, horizon, unit, rng)
    shade = np.linspace(0.82, 1.12, height - horizon, dtype=np.float32)[:, None, None]
    image[horizon:] = ground * shade
    grain = _cloud(rng, (height, width), 3 * unit) * 7 + _cloud(rng, (height, width), 24 * unit) * 6
    image[horizon:] += grain[horizon:, :, None]
    grass = level.project(np.array([[level.x_m, 0.0, level.distance_m * 1.2]]))[0, 1]
    far = slice(horizon, max(int(grass), horizon + 2))
    image[far] = np.array([92, 128, 70]) + 1.6 * grain[far, :, None]
    pixels = np.clip(image, 0, 255).astype(np.uint8)
    for across in (-1.3, 1.2, 2.4):
        _line(pixels, level, 0.0, across, (226, 224, 218), max(round(2 * unit), 1))
    _paint_fence(pixels, level, rng)
    for along, across in ground_marks:
        _paint_mark(pixels, level, float(along), float(across))
    return cv2.GaussianBlur(pixels, (0, 0), 0.6)


def _paint_trees(image: np.ndarray, horizon: int, unit: float, rng: np.random.Generator) -> None:
    height, width = image.shape[:2]
    high = 58 * unit
    outline = horizon - high * (1 + 0.35 * _cloud(rng, (1, width), 40 * unit)[0])
    rows = np.arange(height)[:, None]
    leaves = _cloud(rng, (height, width), 4 * unit) * 16
    leaves += _cloud(rng, (height, width), 14 * unit) * 14
    green = np.array([58, 84, 52], np.float32) * rng.uniform(0.8, 1.3)
    mask = (rows > outline[None]) & (rows < horizon)
    image[mask] = (green + leaves[..., None])[mask]
    for _ in range(rng.integers(1, 4) * max(round(width / (640 * unit)), 1)):  # huts and banners
        left, wide = rng.integers(0, width), int(rng.uniform(40, 107) * unit)
        top = horizon - int(rng.uniform(26, 51) * unit)
        image[max(top, 0) : horizon, left : left + wide] = rng.uniform(90, 220, 3)


def _paint_fence(pixels: np.ndarray, level: Camera, rng: np.random.Generator) -> None:
    deep = level.distance_m * 1.4
    colour = tuple(int(value) for value in rng.integers(120, 220, 3))
    for metre in np.arange(-80, 80, 2.0) + round(level.x_m):
        post = np.array([[metre, 0.0, deep], [metre, 1.05, deep]])
        foot, top = level.project(post).round().astype(int).tolist()
        cv2.line(pixels, foot, top, colour, 1, cv2.LINE_AA)
    for high in (0.55, 1.05):
        _line(pixels, level, high, deep, colour, 1)


def _line(
    pixels: np.ndarray, level: Camera, high_m: float, z_m: float, colour: tuple, thick: int
) -> None:
    ends = level.project(np.array([[level.x_m + x, high_m, z_m] for x in (-100.0, 100.0)]))
    if np.isfinite(ends).all():  # a drill of one push-off is filmed from between the lines
        a, b = (ends * 16).round().astype(int).tolist()
        cv2.line(pixels, a, b, colour, thick, cv2.LINE_AA, 4)


def _paint_mark(pixels: np.ndarray, level: Camera, x_m: float, z_m: float) -> None:
    if z_m > 0:
        shape, colour = [[-0.1, 0, 0], [0.1, 0, 0], [0.02, 0.22, 0], [-0.02, 0.22, 0]], 0
    else:
        angles = np.linspace(0, 2 * np.pi, 13)[:-1]
        shape, colour = [[0.1 * np.cos(a), 0, 0.1 * np.sin(a)] for a in angles], 1
    corners = level.project(np.add(shape, [x_m, 0.0, z_m]))
    if np.isfinite(corners).all():
        tint = ((236, 118, 34), (244, 226, 96))[colour]
        cv2.fillConvexPoly(pixels, (corners * 16).round().astype(np.int32), tint, cv2.LINE_AA, 4)


def _cloud(rng: np.random.Generator, shape: tuple[int, int], grain_px: float) -> np.ndarray:
    """Smooth noise of unit spread, blobs of about `grain_px`."""
    grain = max(round(grain_px), 1)
    small = rng.standard_normal((shape[0] // grain + 2, shape[1] // grain + 2), np.float32)
    return cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC)
