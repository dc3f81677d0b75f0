"""From foreground masks to one person's outline. Door: cv2."""

from collections.abc import Iterator

import cv2
import numpy as np

from pushoff.video.tracking.association import Blob

_MAX_BLOBS = 8


class PackedMasks:
    """(h, w) uint8 masks of 0 and 1, one per frame, stored at one bit a pixel."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        """`shape` is (h, w)."""
        self._height, self._width = shape
        self._packed: list[np.ndarray] = []

    def append(self, mask: np.ndarray) -> None:
        """Add the (h, w) mask of the next frame; what is not zero counts as one."""
        self._packed.append(np.packbits(mask.ravel() != 0))

    def __len__(self) -> int:
        return len(self._packed)

    def __iter__(self) -> Iterator[np.ndarray]:
        return (self[index] for index in range(len(self)))

    def __getitem__(self, index: int) -> np.ndarray:
        """(h, w) uint8. Raises IndexError."""
        unpacked = np.unpackbits(self._packed[index], count=self._height * self._width)
        return unpacked.reshape(self._height, self._width)


def components(mask: np.ndarray, gap: int) -> list[Blob]:
    """The largest things in an (h, w) mask; parts within about `gap` pixels are one thing."""
    joined = cv2.dilate(mask, np.ones((2 * gap + 1, gap + 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    areas = np.bincount(labels[mask > 0], minlength=len(stats))
    blobs = []
    for label in 1 + np.argsort(-areas[1:], kind="stable")[:_MAX_BLOBS]:
        if areas[label] < 6:
            break
        left, top, width, height = (int(value) for value in stats[label, :4])
        part = mask[top : top + height, left : left + width]
        part = part * (labels[top : top + height, left : left + width] == label)
        bounds = outline_bounds(part)
        x, y = bounds[4:]
        blobs.append(
            Blob(
                x=left + float(x),
                y=top + float(y),
                width=float(bounds[2] - bounds[0]),
                height=float(bounds[3] - bounds[1]),
                area=float(areas[label]),
            )
        )
    return blobs


def outlines(masks: PackedMasks, centres: np.ndarray, reach: float) -> np.ndarray:
    """(N, 6) bounds of the foreground within `reach` pixels of the (N, 2) centres.

    Left, top, right, bottom, and x and y of the centre of mass, in pixels of the masks; NaN where
    there is nothing, or the centre is NaN.
    """
    bounds = np.full((len(masks), 6), np.nan)
    min_area = max(0.035 * reach * reach, 6)
    for index, (x, y) in enumerate(centres):
        if np.isnan(x):
            continue
        mask = masks[index]
        rows, columns = window(mask.shape, centres[index], reach)
        left, top = columns.start, rows.start
        if columns.stop - left < 3 or rows.stop - top < 3:
            continue
        part = nearest_component(mask[rows, columns], np.array([x - left, y - top]), reach)
        if part.sum() >= min_area:
            bounds[index] = outline_bounds(part) + np.tile((left, top), 3)
    return bounds


def window(shape: tuple[int, ...], centre: np.ndarray, reach: float) -> tuple[slice, slice]:
    """Rows and columns within `reach` of a centre (x, y), clipped to an (h, w) image."""
    x, y = centre
    columns = slice(int(max(x - reach, 0)), int(min(x + reach + 1, shape[1])))
    return slice(int(max(y - reach, 0)), int(min(y + reach + 1, shape[0]))), columns


def nearest_component(mask: np.ndarray, centre: np.ndarray, reach: float) -> np.ndarray:
    """(h, w) uint8: the largest component, weighted by nearness to the centre (x, y).

    Smaller ones that nearly touch it belong to it.
    """
    joined = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    gap = max(int(0.12 * reach), 1)
    joined = cv2.dilate(joined, np.ones((2 * gap + 1, gap + 1), np.uint8))
    count, labels, stats, centres = cv2.connectedComponentsWithStats(joined)
    if count < 2:
        return np.zeros_like(mask)
    distances = np.hypot(*(centres[1:] - centre).T) / reach
    best = 1 + int((stats[1:, cv2.CC_STAT_AREA] * np.exp(-1.5 * distances)).argmax())
    return mask * (labels == best)


def outline_bounds(mask: np.ndarray) -> np.ndarray:
    """(6,) left, top, right, bottom, and x and y of the centre of mass of a mask not empty."""
    columns, rows = mask.sum(0, dtype=float), mask.sum(1, dtype=float)
    (left, right), (top, bottom) = _central_span(columns), _central_span(rows)
    total = max(columns.sum(), 1.0)
    x = float((columns * np.arange(len(columns))).sum()) / total
    y = float((rows * np.arange(len(rows))).sum()) / total
    return np.array([left, top, right + 1, bottom + 1, x, y])


def _central_span(profile: np.ndarray) -> tuple[float, float]:
    """First and last place that holds the middle 98 % of a profile."""
    share = np.cumsum(profile) / max(profile.sum(), 1)
    return float(np.searchsorted(share, 0.01)), float(np.searchsorted(share, 0.99))
