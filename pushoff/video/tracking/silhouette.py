"""From pictures of what stands out against the place to one person's outline. Door: cv2."""

from collections.abc import Sequence

import cv2
import numpy as np

from pushoff.video.tracking.association import Blob

_MOST_BLOBS = 8


class Masks(Sequence[np.ndarray]):
    """(h, w) uint8 pictures of 0 and 1, one per frame, held at one bit a pixel."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._shape, self._packed = shape, []

    def add(self, mask: np.ndarray) -> None:
        """One more frame; whatever is not zero counts as one."""
        self._packed.append(np.packbits(mask.ravel() != 0))

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, index: int) -> np.ndarray:
        size = self._shape[0] * self._shape[1]
        return np.unpackbits(self._packed[index], count=size).reshape(self._shape)


def components(mask: np.ndarray, gap: int) -> list[Blob]:
    """The largest things in an (h, w) mask; what is nearer than about `gap` pixels is one thing."""
    joined = cv2.dilate(mask, np.ones((2 * gap + 1, gap + 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    areas = np.bincount(labels[mask > 0], minlength=len(stats))
    blobs = []
    for label in 1 + np.argsort(-areas[1:], kind="stable")[:_MOST_BLOBS]:
        if areas[label] < 6:
            break
        left, top, wide, high = (int(value) for value in stats[label, :4])
        part = mask[top : top + high, left : left + wide]
        part = part * (labels[top : top + high, left : left + wide] == label)
        bounds = outline(part)
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


def outlines(masks: Masks, rough: np.ndarray, reach: float) -> np.ndarray:
    """(N, 6) of what stands out within `reach` of the (N, 2) rough path.

    Left, top, right, bottom and the middle of its mass, in mask pixels; NaN: nothing.
    """
    bounds = np.full((len(masks), 6), np.nan)
    least = max(0.035 * reach * reach, 6)
    for index, (x, y) in enumerate(rough):
        if np.isnan(x):
            continue
        mask = masks[index]
        rows, columns = window(mask.shape, rough[index], reach)
        left, top = columns.start, rows.start
        if columns.stop - left < 3 or rows.stop - top < 3:
            continue
        part = nearest_component(mask[rows, columns], np.array([x - left, y - top]), reach)
        if part.sum() >= least:
            bounds[index] = outline(part) + np.tile((left, top), 3)
    return bounds


def window(shape: tuple[int, int], centre: np.ndarray, reach: float) -> tuple[slice, slice]:
    """Rows and columns within `reach` of a centre (x, y), as far as the (h, w) picture goes."""
    x, y = centre
    columns = slice(int(max(x - reach, 0)), int(min(x + reach + 1, shape[1])))
    return slice(int(max(y - reach, 0)), int(min(y + reach + 1, shape[0]))), columns


def nearest_component(mask: np.ndarray, centre: np.ndarray, reach: float) -> np.ndarray:
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


def outline(mask: np.ndarray) -> np.ndarray:
    """(6,) left, top, right, bottom and middle of mass of a mask that is not empty."""
    across, down = mask.sum(0, dtype=float), mask.sum(1, dtype=float)
    (first, last), (high, deep) = _span(across), _span(down)
    total = max(across.sum(), 1.0)
    x = float((across * np.arange(len(across))).sum()) / total
    y = float((down * np.arange(len(down))).sum()) / total
    return np.array([first, high, last + 1, deep + 1, x, y])


def _span(profile: np.ndarray) -> tuple[float, float]:
    """First and last place that holds the middle 98 % of a profile."""
    share = np.cumsum(profile) / max(profile.sum(), 1)
    return float(np.searchsorted(share, 0.01)), float(np.searchsorted(share, 0.99))
