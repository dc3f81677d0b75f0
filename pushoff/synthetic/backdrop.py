"""The background of a synthetic video: sky, trees, a fence, a runway with cones. Door: cv2.

It is painted once as a level pinhole camera sees it, then rotated and distorted for each view.
"""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from pushoff.events.measure.lens import Lens
from pushoff.synthetic.camera import Camera

CONE_ROWS_M = (1.8, -1.5)
"""World z of the rows: cones beyond the lane, and before it flat marks, which hide no foot."""
_MAX_CANVAS_PX = 6000
"""Width and height of the level image; what lies further to the side is mirrored."""


def ground_marks(camera: Camera) -> np.ndarray:
    """(N, 2) ground x, z in metres of the cones and marks in and around the camera's view."""
    span = camera.width_px / camera.focal_px * camera.distance_m
    step = 2.0 if span >= 12 else 1.0
    start = np.floor((camera.x_m - 2.5 * span) / step) * step
    along = np.arange(start, camera.x_m + 2.5 * span, step)
    return np.array([[x, row] for row in CONE_ROWS_M for x in along])


def visible_marks(camera: Camera) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """((x, y) pixels of the distorted image, (x, z) metres on the ground) of every mark in view."""
    ground = ground_marks(camera)
    pixels = camera.project(np.insert(ground, 1, 0.0, axis=1))
    inside = (pixels > 1).all(1) & (pixels < [camera.width_px - 2, camera.height_px - 2]).all(1)
    return [
        ((round(float(x), 2), round(float(y), 2)), (float(along), float(across)))
        for (x, y), (along, across) in zip(pixels[inside], ground[inside], strict=True)
    ]


def paint_backdrop(
    camera: Camera, rng: np.random.Generator, yaws_rad: tuple[float, float]
) -> Callable[[float], np.ndarray]:
    """Paint the background; returns a function from yaw to a new (H, W, 3) uint8 RGB image.

    `yaws_rad` are the camera's extreme yaws to the left and right.
    """
    rays = camera.level_rays()
    planes = [_intersect_plane(rays, yaw) for yaw in yaws_rad]
    left, right = min(x.min() for x, _ in planes), max(x.max() for x, _ in planes)
    top, bottom = min(y.min() for _, y in planes), max(y.max() for _, y in planes)
    focal = camera.focal_px
    margin = 3
    width = min(int((right - left) * focal) + 2 * margin, _MAX_CANVAS_PX)
    height = min(int((bottom - top) * focal) + 2 * margin, _MAX_CANVAS_PX)
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
    painted = _paint(level, ground_marks(camera), rng)

    def view(yaw_rad: float) -> np.ndarray:
        x, y = _intersect_plane(rays, yaw_rad)
        pixels = (
            x * np.float32(focal) + np.float32(origin[0]),
            y * np.float32(focal) + np.float32(origin[1]),
        )
        return cv2.remap(painted, *pixels, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)

    return view


def _intersect_plane(rays: np.ndarray, yaw_rad: float) -> tuple[np.ndarray, np.ndarray]:
    """x, y where the rays of a turned camera meet the level image plane at distance 1."""
    cosine, sine = np.float32(np.cos(yaw_rad)), np.float32(np.sin(yaw_rad))
    right, down, forward = rays[..., 0], rays[..., 1], rays[..., 2]
    depth = np.maximum(cosine * forward - sine * right, np.float32(0.12))
    return (cosine * right + sine * forward) / depth, down / depth


def _paint(level: Camera, marks_m: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 RGB of the whole background, with marks at (N, 2) ground x, z."""
    height, width = level.height_px, level.width_px
    horizon = int(np.clip(level.lens.cy_px, 0, height - 2))
    image = np.zeros((height, width, 3), np.float32)
    sky = np.array([[196, 210, 228], [168, 196, 226], [214, 214, 216]][rng.integers(3)], np.float32)
    image[:] = sky * np.linspace(0.88, 1.06, height, dtype=np.float32)[:, None, None]
    # Colours come first: how many random numbers the textures use depends on the image's size.
    tracks = [[158, 82, 66], [128, 118, 104], [92, 118, 152], [146, 96, 70]]
    ground = np.array(tracks[rng.integers(4)], np.float32)
    unit = level.focal_px / 350  # sizes below were chosen for that focal length
    _paint_trees(image, horizon, unit, rng)
    shade = np.linspace(0.82, 1.12, height - horizon, dtype=np.float32)[:, None, None]
    image[horizon:] = ground * shade
    grain = (
        _smooth_noise(rng, (height, width), 3 * unit) * 7
        + _smooth_noise(rng, (height, width), 24 * unit) * 6
    )
    image[horizon:] += grain[horizon:, :, None]
    grass = level.project(np.array([[level.x_m, 0.0, level.distance_m * 1.2]]))[0, 1]
    far = slice(horizon, max(int(grass), horizon + 2))
    image[far] = np.array([92, 128, 70]) + 1.6 * grain[far, :, None]
    pixels = np.clip(image, 0, 255).astype(np.uint8)
    for across in (-1.3, 1.2, 2.4):
        _paint_line(pixels, level, 0.0, across, (226, 224, 218), max(round(2 * unit), 1))
    _paint_fence(pixels, level, rng)
    for along, across in marks_m:
        _paint_mark(pixels, level, float(along), float(across))
    return cv2.GaussianBlur(pixels, (0, 0), 0.6)


def _paint_trees(image: np.ndarray, horizon: int, unit: float, rng: np.random.Generator) -> None:
    """Trees, huts and banners on the horizon."""
    height, width = image.shape[:2]
    tree_height = 58 * unit
    outline = horizon - tree_height * (1 + 0.35 * _smooth_noise(rng, (1, width), 40 * unit)[0])
    rows = np.arange(height)[:, None]
    leaves = _smooth_noise(rng, (height, width), 4 * unit) * 16
    leaves += _smooth_noise(rng, (height, width), 14 * unit) * 14
    green = np.array([58, 84, 52], np.float32) * rng.uniform(0.8, 1.3)
    mask = (rows > outline[None]) & (rows < horizon)
    image[mask] = (green + leaves[..., None])[mask]
    for _ in range(rng.integers(1, 4) * max(round(width / (640 * unit)), 1)):  # huts and banners
        left, hut_width = rng.integers(0, width), int(rng.uniform(40, 107) * unit)
        top = horizon - int(rng.uniform(26, 51) * unit)
        image[max(top, 0) : horizon, left : left + hut_width] = rng.uniform(90, 220, 3)


def _paint_fence(pixels: np.ndarray, level: Camera, rng: np.random.Generator) -> None:
    depth_m = level.distance_m * 1.4
    colour = tuple(int(value) for value in rng.integers(120, 220, 3))
    for x in np.arange(-80, 80, 2.0) + round(level.x_m):
        post = np.array([[x, 0.0, depth_m], [x, 1.05, depth_m]])
        foot, top = level.project(post).round().astype(int).tolist()
        cv2.line(pixels, foot, top, colour, 1, cv2.LINE_AA)
    for height_m in (0.55, 1.05):
        _paint_line(pixels, level, height_m, depth_m, colour, 1)


def _paint_line(
    pixels: np.ndarray,
    level: Camera,
    height_m: float,
    z_m: float,
    colour: tuple[int, ...],
    thickness: int,
) -> None:
    """A horizontal line across the whole view, parallel to the runway."""
    ends = level.project(np.array([[level.x_m + x, height_m, z_m] for x in (-100.0, 100.0)]))
    if np.isfinite(ends).all():  # a drill of one push-off is filmed from between the lines
        start, end = (ends * 16).round().astype(int).tolist()
        cv2.line(pixels, start, end, colour, thickness, cv2.LINE_AA, 4)


def _paint_mark(pixels: np.ndarray, level: Camera, x_m: float, z_m: float) -> None:
    """A cone beyond the lane, a flat disc before it."""
    if z_m > 0:
        shape = np.array([[-0.1, 0, 0], [0.1, 0, 0], [0.02, 0.22, 0], [-0.02, 0.22, 0]])
        colour = (236, 118, 34)
    else:
        angles = np.linspace(0, 2 * np.pi, 13)[:-1]
        shape = np.array([[0.1 * np.cos(a), 0, 0.1 * np.sin(a)] for a in angles])
        colour = (244, 226, 96)
    corners = level.project(np.add(shape, [x_m, 0.0, z_m]))
    if np.isfinite(corners).all():
        cv2.fillConvexPoly(pixels, (corners * 16).round().astype(np.int32), colour, cv2.LINE_AA, 4)


def _smooth_noise(rng: np.random.Generator, shape: tuple[int, int], grain_px: float) -> np.ndarray:
    """Smooth noise with a standard deviation of about 1 and blobs of about `grain_px`."""
    grain = max(round(grain_px), 1)
    small = rng.standard_normal((shape[0] // grain + 2, shape[1] // grain + 2), np.float32)
    return cv2.resize(small, shape[::-1], interpolation=cv2.INTER_CUBIC)
