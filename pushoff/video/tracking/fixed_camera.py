"""Tracks somebody who crosses the image of a fixed camera. Door: cv2."""

import cv2
import numpy as np

from pushoff.video.tracking.association import (
    Blob,
    Path,
    best_path,
    second_person_path,
    single_person_path,
)
from pushoff.video.tracking.shadow import without_shadow
from pushoff.video.tracking.silhouette import PackedMasks, components, outlines
from pushoff.video.tracking.stabilization import stabilize
from pushoff.video.tracking.track import TWO_PEOPLE, SceneTrack, nobody, standing_height_px

_MIN_TRAVEL = 0.12
"""Share of the image's width somebody must cover to be the athlete."""
_MAX_BLOB_WIDTH = 0.4
"""Share of the width over which a change is the light or the camera, not a person."""
_BACKGROUND_FRAMES = 61
_MAX_MOVING_BLOBS = 6
"""Candidates of a frame in the first, rough pass."""


def track_fixed_camera(images: np.ndarray, frames: np.ndarray) -> SceneTrack | None:
    """The person who crosses (N, h, w) uint8 images; None when the camera is not a fixed one.

    `frames` (N,) are the images' frame numbers in the video, which may leave some out.
    """
    stabilized = stabilize(images)
    if stabilized is None:
        return None
    images = stabilized.images
    count, _, width = images.shape
    path = best_path(_moving_blobs(images), width)
    if _travel(path) < _MIN_TRAVEL * width:
        return nobody(count, "fixed", "no one moves across the frame")
    centres = _interpolated(path)
    speed = np.abs(np.gradient(centres[:, 0]))
    fast = speed > 0.3 * np.percentile(speed, 95)
    fast_heights = [
        blob.height for blob, is_fast in zip(path, fast, strict=True) if blob and is_fast
    ]
    heights = fast_heights or [blob.height for blob in path if blob]
    reach = 0.8 * float(np.median(heights))
    for _ in range(4):
        masks = _foreground(images, _background(images, centres, 1.2 * reach))
        blobs = [components(mask, max(round(0.12 * reach), 1)) for mask in masks]
        path, warnings = _choose_person(blobs, reach, width, frames)
        if _travel(path) < _MIN_TRAVEL * width:
            return nobody(count, "fixed", "no one moves across the frame")
        centres = _interpolated(path)
        bounds = outlines(masks, _while_seen(centres, path), reach)
        found = ~np.isnan(bounds[:, 0])
        too_tall = bounds[found, 3] - bounds[found, 1] > 1.8 * reach
        if not found.any() or too_tall.mean() < 0.4:
            break
        reach *= 1.5  # only the edges of plain clothes had moved: search further around them
    if found.mean() < 0.05:
        return nobody(count, "fixed", "the athlete could not be detected")
    first, last = np.flatnonzero(found)[[0, -1]]
    speed = np.abs(np.gradient(centres[:, 0]))
    moving = speed > 0.3 * np.percentile(speed[found], 95)
    bounds = without_shadow(masks, bounds, centres, reach, moving)
    return SceneTrack(
        bounds,
        "fixed",
        direction="right" if bounds[last, 4] > bounds[first, 4] else "left",
        height_px=standing_height_px(bounds, moving, width),
        transforms=stabilized.transforms,
        jolts=stabilized.jolts,
        warnings=warnings,
    )


def _choose_person(
    blobs: list[list[Blob]], reach: float, width: int, frames: np.ndarray
) -> tuple[Path, tuple[str, ...]]:
    """The path of the person to follow, and a warning when a second person travels too."""
    min_area = max(0.035 * reach * reach, 6)
    blobs = [[blob for blob in candidates if blob.area >= min_area] for candidates in blobs]
    path = single_person_path(best_path(blobs, width), width, frames)
    second = second_person_path(blobs, path, width, frames)
    if not _second_travels(path, second, width):
        return path, ()
    height, second_height = (
        np.median([blob.height for blob in person if blob]) for person in (path, second)
    )
    return (second if second_height > 1.15 * height else path), (TWO_PEOPLE,)


def _second_travels(path: Path, second: Path, width: int) -> bool:
    """Whether the second person was seen for a while, goes far, and was seen on the way."""
    x = np.array([blob.x for blob in second if blob])
    if len(x) < max(0.15 * len(second), 5):
        return False
    first, last = np.percentile(x, (3, 97))
    midway = np.abs(x - (first + last) / 2) < 0.4 * (last - first)
    goes_far = min(_travel(path), last - first) >= 1.5 * _MIN_TRAVEL * width
    return bool(goes_far and midway.sum() >= max(0.05 * len(second), 5))


def _travel(path: Path) -> float:
    """Pixels across that somebody covers, without the outermost 3 % at either end."""
    x = [blob.x for blob in path if blob] or [0.0]
    return float(np.subtract(*np.percentile(x, (97, 3))))


def _moving_blobs(images: np.ndarray) -> list[list[Blob]]:
    """Per frame, what differs both from a little before and from a little after."""
    count, height, width = images.shape
    lag = max(1, round(count / 110))
    sample = slice(None, None, max(count // 30, 1))
    differences = np.abs(images[lag:][sample].astype(np.int16) - images[:-lag][sample])
    threshold = max(10.0, 6 * 1.4826 * float(np.median(differences)))
    kernel = np.ones((max(height // 30, 3), max(width // 60, 3)), np.uint8)
    blobs = []
    for index in range(count):
        before, after = images[max(index - lag, 0)], images[min(index + lag, count - 1)]
        if index < lag:
            before = after
        elif index >= count - lag:
            after = before
        change = np.minimum(cv2.absdiff(images[index], before), cv2.absdiff(images[index], after))
        mask = cv2.morphologyEx((change > threshold).astype(np.uint8), cv2.MORPH_CLOSE, kernel)
        _, _, stats, centres = cv2.connectedComponentsWithStats(cv2.dilate(mask, kernel))
        order = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:_MAX_MOVING_BLOBS]
        blobs.append(
            [
                Blob(
                    x=float(centres[label][0]),
                    y=float(centres[label][1]),
                    width=float(stats[label, cv2.CC_STAT_WIDTH]),
                    height=float(stats[label, cv2.CC_STAT_HEIGHT]),
                    area=float(mask[_component_window(stats[label])].sum()),
                )
                for label in order
                if stats[label, cv2.CC_STAT_WIDTH] < _MAX_BLOB_WIDTH * width
            ]
        )
    return blobs


def _component_window(stats: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of one component in OpenCV's statistics."""
    left, top, width, height = (int(value) for value in stats[:4])
    return slice(top, top + height), slice(left, left + width)


def _interpolated(path: Path) -> np.ndarray:
    """(N, 2) centres, gaps interpolated and both ends held, then a short median against jumps."""
    known = [(index, blob.x, blob.y) for index, blob in enumerate(path) if blob]
    indices, x, y = np.array(known).T
    frames = np.arange(len(path))
    lines = np.stack([np.interp(frames, indices, values) for values in (x, y)], axis=1)
    reach = max(len(path) // 150, 1)
    neighbours = np.clip(frames[:, None] + np.arange(-reach, reach + 1), 0, len(path) - 1)
    return np.median(lines[neighbours], axis=1)


def _while_seen(centres: np.ndarray, path: Path) -> np.ndarray:
    """The (N, 2) centres from the first to the last frame with a blob, NaN before and after."""
    seen = np.flatnonzero([blob is not None for blob in path])
    cut = np.full_like(centres, np.nan)
    cut[seen[0] : seen[-1] + 1] = centres[seen[0] : seen[-1] + 1]
    return cut


def _background(images: np.ndarray, centres: np.ndarray, reach: float) -> np.ndarray:
    """(h, w) float32: each pixel's median over frames in which the athlete is elsewhere."""
    count, _, width = images.shape
    chosen = np.unique(np.linspace(0, count - 1, 4 * _BACKGROUND_FRAMES).astype(int))
    # frames spread over where the athlete is, not over time: a long wait must not fill the sample
    chosen = chosen[np.argsort(centres[chosen, 0], kind="stable")]
    x = centres[chosen, 0]
    travelled = np.concatenate([[0], np.cumsum(np.abs(np.diff(x)))])
    targets = np.linspace(0, np.abs(np.diff(x)).sum(), _BACKGROUND_FRAMES)
    chosen = np.unique(chosen[np.clip(np.searchsorted(travelled, targets), 0, len(chosen) - 1)])
    columns = np.arange(width)
    stack = images[chosen].astype(np.float32)
    hidden = np.abs(columns[None] - centres[chosen, 0][:, None]) < reach
    stack[np.broadcast_to(hidden[:, None, :], stack.shape)] = np.nan
    always_hidden = np.isnan(stack).all(axis=0)
    stack[:, always_hidden] = images[chosen][:, always_hidden]
    return np.nanmedian(stack, axis=0).astype(np.float32)


def _foreground(images: np.ndarray, background: np.ndarray) -> PackedMasks:
    """What differs from the background by more than its noise, changes of the light left out.

    The background's neighbouring pixels count too: a tripod in the wind moves that far.
    """
    masks, kernel = PackedMasks(images.shape[1:]), np.ones((3, 3), np.uint8)
    background_level = float(np.median(background))
    differences = np.abs(images[:: max(len(images) // 20, 1)] - background)
    threshold = max(14.0, 5 * 1.4826 * float(np.median(differences)))
    high, low = cv2.dilate(background, kernel), cv2.erode(background, kernel)
    for image in images:
        light = float(np.median(image[::4, ::4])) - background_level
        masks.append((image - light > high + threshold) | (image - light < low - threshold))
    return masks
