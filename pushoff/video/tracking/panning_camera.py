"""Follows somebody whom the camera follows. Door: cv2."""

from dataclasses import replace

import cv2
import numpy as np

from pushoff.video.tracking.association import Blob, best_path, one_run
from pushoff.video.tracking.camera_motion import distinct_frames, follow_camera, local_background
from pushoff.video.tracking.silhouette import Masks, components, outlines
from pushoff.video.tracking.track import Sighting, nobody, usual_height

_TRAVEL = 0.25
"""Picture widths somebody must cover over the ground."""
_MOST_FRAMES = 900
"""Longer scenes are looked at in every second, third, ... distinct frame."""
_ASIDE = 0.35
"""Share of the width by which the athlete may well be off the middle."""
_STANDS_OUT = 14
"""Grey levels beyond what the place shows within a pixel."""


def track_panning_camera(small: np.ndarray) -> Sighting:
    """Whoever travels over the ground of (N, h, w) uint8 pictures from a moving camera."""
    count, height, width = small.shape
    shown = distinct_frames(small)
    shown = shown[:: max(-(-len(shown) // _MOST_FRAMES), 1)]
    if len(shown) < 8:
        return nobody(count, "unknown", "nothing moves")
    pictures = small[shown]
    chain = follow_camera(pictures)
    middle = np.array([width / 2, height / 2, 1.0])
    if float(np.ptp((chain @ middle)[:, 0])) < _TRAVEL * width:
        return nobody(count, "unknown", "the camera moves, but nobody is followed")
    masks = _stand_out(pictures, chain)
    blobs = [_central(components(mask, 2), width, height) for mask in masks]
    path = one_run(best_path(blobs, width), width)
    seen = np.array([blob is not None for blob in path])
    if seen.mean() < 0.2:
        return nobody(count, "panning", "the camera moves and nobody stands out")
    rough = _bridged(path)
    reach = 0.75 * float(np.percentile([blob.height for blob in path if blob], 75))
    bounds = outlines(masks, rough, reach)
    found = ~np.isnan(bounds[:, 0])
    if found.mean() < 0.2:
        return nobody(count, "panning", "the camera moves and nobody stands out")
    ground = np.einsum("nij,nj->ni", chain, np.column_stack([rough, np.ones(len(rough))]))[:, 0]
    travel = float(ground[found][-1] - ground[found][0])
    if abs(travel) < _TRAVEL * width:
        return nobody(count, "panning", "the camera moves, but nobody travels")
    everywhere = np.clip(np.searchsorted(shown, np.arange(count), "right") - 1, 0, None)
    return Sighting(
        bounds[everywhere],
        "panning",
        direction="right" if travel > 0 else "left",
        height_px=usual_height(bounds, found, width),
        drift=_drift(chain, middle, shown, count),
    )


def _drift(chain: np.ndarray, middle: np.ndarray, shown: np.ndarray, count: int) -> np.ndarray:
    """(count, 2) the camera's way over the ground, added up step by step at the picture's middle.

    Each step is in the pixels of its own moment, so a slow zoom does not add up. A repeated frame
    has moved nowhere; where frames were left out the way is shared between them.
    """
    steps = np.einsum("nij,njk,k->ni", np.linalg.inv(chain[:-1]), chain[1:], middle)[:, :2]
    way = np.concatenate([[[0.0, 0.0]], np.cumsum(steps - middle[:2], axis=0)])
    if count <= _MOST_FRAMES:
        return way[np.clip(np.searchsorted(shown, np.arange(count), "right") - 1, 0, None)]
    return np.stack([np.interp(np.arange(count), shown, way[:, axis]) for axis in (0, 1)], axis=1)


def _stand_out(pictures: np.ndarray, chain: np.ndarray) -> Masks:
    """What differs from the place around it, thin lines that are a pixel off left out."""
    masks, kernel = Masks(pictures.shape[1:]), np.ones((3, 3), np.uint8)
    for index, picture in enumerate(pictures):
        place = local_background(pictures, chain, index)
        if place is None:
            masks.add(np.zeros_like(picture))
            continue
        unknown = place > 255
        place = np.where(unknown, picture, place).astype(np.uint8)
        above = cv2.subtract(picture, cv2.dilate(place, kernel))
        below = cv2.subtract(cv2.erode(place, kernel), picture)
        mask = (cv2.max(above, below) > _STANDS_OUT).astype(np.uint8)
        masks.add(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel))
    return masks


def _central(blobs: list[Blob], width: int, height: int) -> list[Blob]:
    """What a camera that follows somebody can mean: tall, not wide; the nearer to the middle of
    the picture the more it counts."""
    kept = []
    for blob in blobs:
        if blob.height > 0.08 * height and blob.width < 0.6 * width:
            aside = (blob.x / width - 0.5) / _ASIDE
            kept.append(replace(blob, area=blob.area * float(np.exp(-aside * aside))))
    return kept


def _bridged(path: list[Blob | None]) -> np.ndarray:
    """(N, 2) middles, gaps bridged, a short median against jumps."""
    known = np.array([index for index, blob in enumerate(path) if blob])
    places = np.array([[path[index].x, path[index].y] for index in known])
    index = np.arange(len(path))
    lines = np.stack([np.interp(index, known, places[:, k]) for k in (0, 1)], axis=1)
    around = np.clip(index[:, None] + np.arange(-2, 3), 0, len(path) - 1)
    return np.median(lines[around], axis=1)
