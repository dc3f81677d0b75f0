"""Tracks somebody whom the camera follows. Door: cv2."""

from dataclasses import replace

import cv2
import numpy as np

from pushoff.video.tracking.association import Blob, Path, best_path, single_person_path
from pushoff.video.tracking.camera_motion import (
    UNKNOWN,
    distinct_frames,
    estimate_camera_path,
    local_background,
)
from pushoff.video.tracking.silhouette import PackedMasks, components, outlines
from pushoff.video.tracking.track import SceneTrack, nobody, standing_height_px

_MIN_TRAVEL = 0.25
"""Image widths somebody must cover over the ground to be the athlete."""
_MAX_FRAMES = 900
"""In longer scenes only every second, third, ... distinct frame is used."""
_MAX_OFF_CENTRE = 0.35
"""Share of the width by which the athlete may well be off the middle."""
_FOREGROUND_GREY_LEVELS = 14
"""Difference beyond what the background has within a pixel."""

_NO_ATHLETE = "the camera moves and no athlete could be told apart from the background"


def track_panning_camera(images: np.ndarray) -> SceneTrack:
    """The person who travels over the ground in (N, h, w) uint8 images of a moving camera."""
    count, height, width = images.shape
    indices = distinct_frames(images)
    indices = indices[:: max(-(-len(indices) // _MAX_FRAMES), 1)]
    if len(indices) < 8:
        return nobody(count, "unknown", "nothing moves")
    distinct = images[indices]
    chain = estimate_camera_path(distinct)
    middle = np.array([width / 2, height / 2, 1.0])
    if float(np.ptp((chain @ middle)[:, 0])) < _MIN_TRAVEL * width:
        return nobody(count, "unknown", "the camera moves but does not follow a person")
    masks = _foreground(distinct, chain)
    blobs = [_prefer_central(components(mask, 2), width, height) for mask in masks]
    path = single_person_path(best_path(blobs, width), width)
    heights = [blob.height for blob in path if blob]
    if len(heights) / len(path) < 0.2:
        return nobody(count, "panning", _NO_ATHLETE)
    centres = _interpolated(path)
    reach = 0.75 * float(np.percentile(heights, 75))
    bounds = outlines(masks, centres, reach)
    found = ~np.isnan(bounds[:, 0])
    if found.mean() < 0.2:
        return nobody(count, "panning", _NO_ATHLETE)
    homogeneous = np.column_stack([centres, np.ones(len(centres))])
    ground_x = np.einsum("nij,nj->ni", chain, homogeneous)[:, 0]
    travel = float(ground_x[found][-1] - ground_x[found][0])
    if abs(travel) < _MIN_TRAVEL * width:
        return nobody(count, "panning", "the camera moves, but no one moves along the runway")
    every_frame = np.clip(np.searchsorted(indices, np.arange(count), "right") - 1, 0, None)
    return SceneTrack(
        bounds[every_frame],
        "panning",
        direction="right" if travel > 0 else "left",
        height_px=standing_height_px(bounds, found, width),
        drift=_drift(chain, middle, indices, count),
    )


def _drift(chain: np.ndarray, middle: np.ndarray, indices: np.ndarray, count: int) -> np.ndarray:
    """(count, 2) the camera's way over the ground, the sum of its steps at the image's middle.

    Each step is in the pixels of its own frame, so a slow zoom does not add up. A repeated frame
    has not moved; over frames left out the way is interpolated.
    """
    steps = np.einsum("nij,njk,k->ni", np.linalg.inv(chain[:-1]), chain[1:], middle)[:, :2]
    drift = np.concatenate([[[0.0, 0.0]], np.cumsum(steps - middle[:2], axis=0)])
    frames = np.arange(count)
    if count <= _MAX_FRAMES:
        return drift[np.clip(np.searchsorted(indices, frames, "right") - 1, 0, None)]
    return np.stack([np.interp(frames, indices, drift[:, axis]) for axis in (0, 1)], axis=1)


def _foreground(images: np.ndarray, chain: np.ndarray) -> PackedMasks:
    """What differs from the local background, thin lines that are a pixel off left out."""
    masks, kernel = PackedMasks(images.shape[1:]), np.ones((3, 3), np.uint8)
    for index, image in enumerate(images):
        known = local_background(images, chain, index)
        if known is None:
            masks.append(np.zeros_like(image))
            continue
        background = np.where(known == UNKNOWN, image, known).astype(np.uint8)
        above = cv2.subtract(image, cv2.dilate(background, kernel))
        below = cv2.subtract(cv2.erode(background, kernel), image)
        mask = (cv2.max(above, below) > _FOREGROUND_GREY_LEVELS).astype(np.uint8)
        masks.append(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel))
    return masks


def _prefer_central(blobs: list[Blob], width: int, height: int) -> list[Blob]:
    """The blobs a camera may be following: tall, not wide; weighted by nearness to the middle."""
    kept = []
    for blob in blobs:
        if blob.height > 0.08 * height and blob.width < 0.6 * width:
            offset = (blob.x / width - 0.5) / _MAX_OFF_CENTRE
            kept.append(replace(blob, area=blob.area * float(np.exp(-offset * offset))))
    return kept


def _interpolated(path: Path) -> np.ndarray:
    """(N, 2) centres, gaps interpolated, then a running median of five against jumps."""
    known = [(index, blob.x, blob.y) for index, blob in enumerate(path) if blob]
    indices, x, y = np.array(known).T
    frames = np.arange(len(path))
    lines = np.stack([np.interp(frames, indices, values) for values in (x, y)], axis=1)
    neighbours = np.clip(frames[:, None] + np.arange(-2, 3), 0, len(path) - 1)
    return np.median(lines[neighbours], axis=1)
