"""Where the athlete is in each frame of a fixed camera. Door: cv2.

The one who travels is the athlete: a path through what changes between frames. What the camera
sees without them is then known, and so is their outline, also while they wait for the start.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from pushoff.values import Box
from pushoff.video.path import Blob, best_path
from pushoff.video.steady import back, steady

WORK_WIDTH_PX = 320
"""Pictures are shrunk to this width; a 2.7K film's runner is then about 40 px tall."""
_TRAVEL = 0.12
"""Share of the picture's width somebody must cover to be the athlete."""
_WIDEST = 0.4
"""Share of the width over which a change is the light or the camera, not a person."""
_MARGIN = 1.35
"""Side of the box over the athlete's height."""
_BACKGROUND_FRAMES = 61


@dataclass(frozen=True)
class AthleteTrack:
    """One box per frame."""

    boxes: tuple[Box, ...]
    """In full-size pixels: square where the picture allows, one size for the whole film."""
    found: tuple[bool, ...]
    """False: nobody seen in this frame; its box is the nearest frame's, or the whole frame."""
    centres_px: np.ndarray
    """(N, 2) float: middle of the athlete's outline by mass, full-size pixels, lightly smoothed,
    with the camera's sway taken out."""
    full_size: tuple[int, int]
    """(W, H) pixels of the film."""
    note: str
    """One sentence for the person who uploaded the film."""


def find_athlete(gray: np.ndarray, full_size: tuple[int, int]) -> AthleteTrack:
    """Track the athlete through (N, h, w) uint8 pictures of a film of (W, H) pixels.

    With a moving camera, or nobody who crosses the picture, every box is the whole frame and the
    note says so.
    """
    count, width = len(gray), min(gray.shape[2], WORK_WIDTH_PX)
    height = max(round(gray.shape[1] * width / gray.shape[2]), 8)
    small = np.empty((count, height, width), np.uint8)
    for index, picture in enumerate(gray):
        small[index] = cv2.resize(
            np.ascontiguousarray(picture), (width, height), interpolation=cv2.INTER_AREA
        )
    if count < 8:
        return _whole_frame(count, full_size, "too few frames to find the athlete in")
    steadied = steady(small)
    if steadied is None:
        return _whole_frame(count, full_size, "the camera moves: the whole frame is used")
    small, transforms = steadied
    path = best_path(_moving_blobs(small), width)
    seen = [index for index, blob in enumerate(path) if blob]
    places = np.array([path[index].x for index in seen] or [0.0])
    travel = float(np.subtract(*np.percentile(places, (97, 3))))
    if travel < _TRAVEL * width:
        note = "nobody crosses the picture: the whole frame is used"
        return _whole_frame(count, full_size, note)
    rough = _filled(np.array([[b.x, b.y] if b else [np.nan] * 2 for b in path]))
    speed = np.abs(np.gradient(rough[:, 0]))
    running = [i for i in seen if speed[i] > 0.3 * np.percentile(speed, 95)] or seen
    reach = 0.8 * float(np.median([path[i].height for i in running]))
    for _ in range(4):
        background = _background(small, rough, 1.2 * reach)
        bounds = _outlines(small, background, rough, reach)
        found = ~np.isnan(bounds[:, 0])
        fills = bounds[found, 3] - bounds[found, 1] > 1.8 * reach
        if not found.any() or fills.mean() < 0.4:
            break
        reach *= 1.5  # only the edges of plain clothes had moved: look further around them
    if found.mean() < 0.05:
        return _whole_frame(count, full_size, "the athlete could not be made out: whole frame used")
    return _track(bounds, found, transforms, full_size, full_size[0] / width)


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


def _filled(path: np.ndarray) -> np.ndarray:
    """(N, 2) with gaps bridged and both ends held, then a short median against jumps."""
    index = np.arange(len(path))
    known = ~np.isnan(path[:, 0])
    bridged = np.stack([np.interp(index, index[known], path[known, k]) for k in (0, 1)], axis=1)
    reach = max(len(path) // 150, 1)
    around = np.clip(index[:, None] + np.arange(-reach, reach + 1), 0, len(path) - 1)
    return np.median(bridged[around], axis=1)


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
    return np.nanmedian(stack, axis=0)


def _outlines(
    small: np.ndarray, background: np.ndarray, rough: np.ndarray, reach: float
) -> np.ndarray:
    """(N, 6) of what stands out near the rough path: left, top, right, bottom and the middle of
    its mass; NaN: nothing."""
    count, height, width = small.shape
    bounds = np.full((count, 6), np.nan)
    levels = np.median(small[:, ::4, ::4], axis=(1, 2)) - np.median(background)
    spread = np.abs(small[:: max(count // 20, 1)] - background)
    threshold = max(14.0, 5 * 1.4826 * float(np.median(spread)))
    least = max(0.035 * reach * reach, 6)
    for index in range(count):
        x, y = rough[index]
        left, right = int(max(x - reach, 0)), int(min(x + reach + 1, width))
        top, low = int(max(y - reach, 0)), int(min(y + reach + 1, height))
        if right - left < 3 or low - top < 3:
            continue
        part = small[index, top:low, left:right] - background[top:low, left:right] - levels[index]
        mask = (np.abs(part) > threshold).astype(np.uint8)
        mask = _nearest_piece(mask, np.array([x - left, y - top]), reach)
        if mask.sum() < least:
            continue
        (first, last), (high, deep) = _span(mask.sum(0)), _span(mask.sum(1))
        middle = [
            np.average(np.arange(n), weights=mask.sum(a)) for a, n in enumerate(mask.shape[::-1])
        ]
        bounds[index] = (
            *(left + first, top + high, left + last + 1, top + deep + 1),
            *(left + middle[0], top + middle[1]),
        )
    return bounds


def _nearest_piece(mask: np.ndarray, centre: np.ndarray, reach: float) -> np.ndarray:
    """The largest piece, nearness counted, with the smaller ones that nearly touch it."""
    joined = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    gap = max(int(0.12 * reach), 1)
    joined = cv2.dilate(joined, np.ones((2 * gap + 1, gap + 1), np.uint8))
    count, labels, stats, centres = cv2.connectedComponentsWithStats(joined)
    if count < 2:
        return np.zeros_like(mask)
    apart = np.hypot(*(centres[1:] - centre).T) / reach
    best = 1 + int((stats[1:, cv2.CC_STAT_AREA] * np.exp(-1.5 * apart)).argmax())
    return mask * (labels == best)


def _span(profile: np.ndarray) -> tuple[float, float]:
    """First and last place that holds the middle 98 % of a profile."""
    share = np.cumsum(profile) / max(profile.sum(), 1)
    return float(np.searchsorted(share, 0.01)), float(np.searchsorted(share, 0.99))


def _track(
    bounds: np.ndarray,
    found: np.ndarray,
    transforms: np.ndarray,
    full_size: tuple[int, int],
    scale: float,
) -> AthleteTrack:
    index = np.arange(len(bounds))
    bounds = np.stack(
        [np.interp(index, index[found], bounds[found, side]) for side in range(6)], axis=1
    )
    centres = np.stack([bounds[:, (0, 2)].mean(1), bounds[:, (1, 3)].mean(1)], axis=1)
    fine = _smooth(bounds[:, 4:], max(len(bounds) / 400, 0.6)) * scale
    calm = back(_smooth(centres, max(len(bounds) / 120, 1.0)), transforms) * scale
    tall = (bounds[:, 3] - bounds[:, 1])[found]  # a low sun's shadow makes them wide, not tall
    side = round(min(float(np.percentile(tall, 85)) * scale * _MARGIN, *full_size))
    boxes = []
    for x, y in calm:
        left = int(np.clip(round(x - side / 2), 0, full_size[0] - side))
        top = int(np.clip(round(y - side / 2), 0, full_size[1] - side))
        boxes.append(Box(left, top, side, side))
    note = f"athlete found in {int(found.sum())} of {len(found)} frames"
    return AthleteTrack(tuple(boxes), tuple(bool(one) for one in found), fine, full_size, note)


def _smooth(values: np.ndarray, spread: float) -> np.ndarray:
    """Gaussian smoothing along the first axis of (N, 2), ends held."""
    reach = max(int(3 * spread), 1)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / spread) ** 2)
    padded = np.pad(values, ((reach, reach), (0, 0)), mode="edge")
    return np.stack(
        [np.convolve(padded[:, k], weights / weights.sum(), "valid") for k in range(2)], axis=1
    )


def _whole_frame(count: int, full_size: tuple[int, int], note: str) -> AthleteTrack:
    box = Box(0, 0, *full_size)
    centre = np.tile(np.array(full_size, float) / 2, (count, 1))
    return AthleteTrack((box,) * count, (False,) * count, centre, full_size, note)
