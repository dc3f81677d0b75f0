"""Follows somebody who crosses the picture of a fixed camera. Door: cv2."""

import cv2
import numpy as np

from pushoff.video.tracking.association import Blob, best_path, one_run, other_traveller
from pushoff.video.tracking.shadow import upright
from pushoff.video.tracking.silhouette import Masks, components, outlines
from pushoff.video.tracking.stabilization import stabilize
from pushoff.video.tracking.track import TWO_PEOPLE, Sighting, nobody, usual_height

_TRAVEL = 0.12
"""Share of the picture's width somebody must cover to be the athlete."""
_WIDEST = 0.4
"""Share of the width over which a change is the light or the camera, not a person."""
_BACKGROUND_FRAMES = 61


def track_fixed_camera(small: np.ndarray, frames: np.ndarray) -> Sighting | None:
    """Whoever crosses (N, h, w) uint8 pictures; None when the camera is not a fixed one.

    `frames` (N,) are their numbers in the video, which may leave some out.
    """
    steadied = stabilize(small)
    if steadied is None:
        return None
    small, transforms, knocks = steadied
    count, _, width = small.shape
    path = best_path(_moving_blobs(small), width)
    if _travel(path) < _TRAVEL * width:
        return nobody(count, "fixed", "nobody crosses the picture")
    rough = _filled(path)
    speed = np.abs(np.gradient(rough[:, 0]))
    fast = speed > 0.3 * np.percentile(speed, 95)
    moved = [blob.height for blob, runs in zip(path, fast, strict=True) if blob and runs]
    reach = 0.8 * float(np.median(moved or [blob.height for blob in path if blob]))
    for _ in range(4):
        masks = _stand_out(small, _background(small, rough, 1.2 * reach))
        blobs = [components(mask, max(round(0.12 * reach), 1)) for mask in masks]
        followed, warnings = _chosen(blobs, reach, width, frames)
        if _travel(followed) < _TRAVEL * width:
            return nobody(count, "fixed", "nobody crosses the picture")
        rough = _filled(followed)
        bounds = outlines(masks, _within(rough, followed), reach)
        found = ~np.isnan(bounds[:, 0])
        fills = bounds[found, 3] - bounds[found, 1] > 1.8 * reach
        if not found.any() or fills.mean() < 0.4:
            break
        reach *= 1.5  # only the edges of plain clothes had moved: look further around them
    if found.mean() < 0.05:
        return nobody(count, "fixed", "the athlete could not be made out")
    first, last = np.flatnonzero(found)[[0, -1]]
    speed = np.abs(np.gradient(rough[:, 0]))
    moving = speed > 0.3 * np.percentile(speed[found], 95)
    bounds = upright(masks, bounds, rough, reach, moving)
    return Sighting(
        bounds,
        "fixed",
        direction="right" if bounds[last, 4] > bounds[first, 4] else "left",
        height_px=usual_height(bounds, moving, width),
        transforms=transforms,
        knocks=knocks,
        warnings=warnings,
    )


def _chosen(
    blobs: list[list[Blob]], reach: float, width: int, frames: np.ndarray
) -> tuple[list[Blob | None], tuple[str, ...]]:
    """Who is followed, and what to say when a second person travels too."""
    least = max(0.035 * reach * reach, 6)
    blobs = [[blob for blob in one if blob.area >= least] for one in blobs]
    path = one_run(best_path(blobs, width), width, frames)
    other = other_traveller(blobs, path, width, frames)
    if not _both_travel(path, other, width):
        return path, ()
    tall, taller = (np.median([b.height for b in one if b]) for one in (path, other))
    return (other if taller > 1.15 * tall else path), (TWO_PEOPLE,)


def _both_travel(one: list[Blob | None], other: list[Blob | None], width: int) -> bool:
    """Whether the other was seen for a while, goes far, and was seen on the way."""
    places = np.array([blob.x for blob in other if blob])
    if len(places) < max(0.15 * len(other), 5):
        return False
    first, last = np.percentile(places, (3, 97))
    inside = np.abs(places - (first + last) / 2) < 0.4 * (last - first)
    enough = min(_travel(one), last - first) >= 1.5 * _TRAVEL * width
    return bool(enough and inside.sum() >= max(0.05 * len(other), 5))


def _travel(path: list[Blob | None]) -> float:
    """Pixels across that somebody covers, a few strays left out."""
    places = [blob.x for blob in path if blob] or [0.0]
    return float(np.subtract(*np.percentile(places, (97, 3))))


def _moving_blobs(small: np.ndarray) -> list[list[Blob]]:
    """Per frame, what differs both from a little before and from a little after."""
    count, height, width = small.shape
    lag = max(1, round(count / 110))
    probe = slice(None, None, max(count // 30, 1))
    spread = np.abs(small[lag:][probe].astype(np.int16) - small[:-lag][probe])
    threshold = max(10.0, 6 * 1.4826 * float(np.median(spread)))
    kernel = np.ones((max(height // 30, 3), max(width // 60, 3)), np.uint8)
    blobs = []
    for index in range(count):
        before, after = small[max(index - lag, 0)], small[min(index + lag, count - 1)]
        if index < lag:
            before = after
        elif index >= count - lag:
            after = before
        moved = np.minimum(cv2.absdiff(small[index], before), cv2.absdiff(small[index], after))
        mask = cv2.morphologyEx((moved > threshold).astype(np.uint8), cv2.MORPH_CLOSE, kernel)
        _, _, stats, centres = cv2.connectedComponentsWithStats(cv2.dilate(mask, kernel))
        order = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:6]
        blobs.append(
            [
                Blob(
                    x=float(centres[label][0]),
                    y=float(centres[label][1]),
                    width=float(stats[label, cv2.CC_STAT_WIDTH]),
                    height=float(stats[label, cv2.CC_STAT_HEIGHT]),
                    area=float(mask[_window(stats[label])].sum()),
                )
                for label in order
                if stats[label, cv2.CC_STAT_WIDTH] < _WIDEST * width
            ]
        )
    return blobs


def _window(stats: np.ndarray) -> tuple[slice, slice]:
    left, top, wide, high = (int(value) for value in stats[:4])
    return slice(top, top + high), slice(left, left + wide)


def _filled(path: list[Blob | None]) -> np.ndarray:
    """(N, 2) middles with gaps bridged and both ends held, then a short median against jumps."""
    known = np.array([index for index, blob in enumerate(path) if blob])
    places = np.array([[path[index].x, path[index].y] for index in known])
    index = np.arange(len(path))
    bridged = np.stack([np.interp(index, known, places[:, k]) for k in (0, 1)], axis=1)
    reach = max(len(path) // 150, 1)
    around = np.clip(index[:, None] + np.arange(-reach, reach + 1), 0, len(path) - 1)
    return np.median(bridged[around], axis=1)


def _within(rough: np.ndarray, path: list[Blob | None]) -> np.ndarray:
    """The (N, 2) rough path from the first to the last sighting, NaN before and after."""
    seen = np.flatnonzero([blob is not None for blob in path])
    cut = np.full_like(rough, np.nan)
    cut[seen[0] : seen[-1] + 1] = rough[seen[0] : seen[-1] + 1]
    return cut


def _background(small: np.ndarray, rough: np.ndarray, reach: float) -> np.ndarray:
    """(h, w) float: each pixel's median over frames in which the athlete is elsewhere."""
    count, _, width = small.shape
    chosen = np.unique(np.linspace(0, count - 1, 4 * _BACKGROUND_FRAMES).astype(int))
    # frames spread over where the athlete is, not over time: a long wait must not fill the sample
    chosen = chosen[np.argsort(rough[chosen, 0], kind="stable")]
    x = rough[chosen, 0]
    along = np.linspace(0, np.abs(np.diff(x)).sum(), _BACKGROUND_FRAMES)
    walked = np.concatenate([[0], np.cumsum(np.abs(np.diff(x)))])
    chosen = np.unique(chosen[np.clip(np.searchsorted(walked, along), 0, len(chosen) - 1)])
    columns = np.arange(width)
    stack = small[chosen].astype(np.float32)
    hidden = np.abs(columns[None] - rough[chosen, 0][:, None]) < reach
    stack[np.broadcast_to(hidden[:, None, :], stack.shape)] = np.nan
    everywhere = np.isnan(stack).all(axis=0)
    stack[:, everywhere] = small[chosen][:, everywhere]
    return np.nanmedian(stack, axis=0).astype(np.float32)


def _stand_out(small: np.ndarray, background: np.ndarray) -> Masks:
    """What differs from the empty place by more than its noise, changes of the light left out.

    The place counts with what lies a pixel beside it: a tripod in the wind moves that far.
    """
    masks, kernel = Masks(small.shape[1:]), np.ones((3, 3), np.uint8)
    middle = float(np.median(background))
    spread = np.abs(small[:: max(len(small) // 20, 1)] - background)
    threshold = max(14.0, 5 * 1.4826 * float(np.median(spread)))
    high, low = cv2.dilate(background, kernel), cv2.erode(background, kernel)
    for picture in small:
        level = float(np.median(picture[::4, ::4])) - middle
        masks.add((picture - level > high + threshold) | (picture - level < low - threshold))
    return masks
