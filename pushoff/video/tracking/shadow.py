"""Separates a person from their sharp shadow on the ground. Door: cv2."""

import cv2
import numpy as np

from pushoff.video.tracking.silhouette import (
    PackedMasks,
    nearest_component,
    outline_bounds,
    window,
)

_MIN_SEPARATED = 0.12
"""Share of the frames in which person and shadow must be apart: a runner is airborne for about
half of each step, but only the higher part of the flight shows a gap."""
_GROUND_PERCENTILE = 70
"""Percentile of the shadows' top rows that counts as the ground: legs of the background's colour
make some shadows begin too high, and a foot cut off is worse than some shadow left."""
_CLEARANCE = 0.03
"""Share of the height added below it: a gap of a pixel shows only when the foot is that high."""
_UPPER_BODY = 0.65
"""Share of the height, from the top, whose middle is the person's: arms and legs swing evenly
about it and no shadow reaches there."""


def without_shadow(
    masks: PackedMasks, bounds: np.ndarray, centres: np.ndarray, reach: float, moving: np.ndarray
) -> np.ndarray:
    """(N, 6) outlines of the person alone, from `bounds` (N, 6) that include the shadow.

    `centres` (N, 2) and `reach` are those of `outlines`; `moving` (N,) bool are the frames in which
    the person travels. In flight the shadow comes off the feet: where it begins is the ground, a
    straight line through the image, and what lies below it is shadow. Where nothing ever comes
    apart there is no shadow, and the outlines stay.
    """
    found = ~np.isnan(bounds[:, 0])
    parts: dict[int, tuple[np.ndarray, int, int]] = {}  # mask, top, left
    shadow_tops = []
    for index in np.flatnonzero(found):
        rows, columns = window(masks[index].shape, centres[index], reach)
        centre = centres[index] - (columns.start, rows.start)
        part = nearest_component(masks[index][rows, columns], centre, reach)
        parts[index] = (part, rows.start, columns.start)
        top_of_shadow = _shadow_top(part) if moving[index] else None
        if top_of_shadow is not None:
            x, y = top_of_shadow
            shadow_tops.append((columns.start + x, rows.start + y))
    if len(shadow_tops) < max(_MIN_SEPARATED * int((found & moving).sum()), 4):
        return _centred(bounds, parts)
    height = float(np.median(bounds[found, 3] - bounds[found, 1]))
    slope, intercept = _ground_line(np.array(shadow_tops), height)
    trimmed = bounds.copy()
    for index, (part, top, left) in parts.items():
        x = bounds[index, 4]
        limit = round(slope * x + intercept) - top + 1
        above = part.copy()
        above[max(limit, 1) :] = 0
        if above.sum() >= 0.3 * part.sum():
            trimmed[index] = outline_bounds(above) + np.tile((left, top), 3)
            parts[index] = (above, top, left)
    return _centred(trimmed, parts)


def _shadow_top(part: np.ndarray) -> tuple[float, float] | None:
    """(x, y) of the top of a shadow that lies apart below a body; None if there is none."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(part)
    if count < 3:
        return None
    stats = stats[1:]
    tops, heights = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    areas = stats[:, cv2.CC_STAT_AREA]
    span = (tops + heights).max() - tops.min()
    upper = np.flatnonzero(tops < tops.min() + 0.4 * span)
    body = upper[areas[upper].argmax()]
    bottom = tops[body] + heights[body]
    below = (tops >= bottom - 0.12 * heights[body]) & (areas > 0.12 * areas[body])
    # legs that came apart from the trunk are taller than wide, a shadow on the ground never is
    below &= stats[:, cv2.CC_STAT_WIDTH] > 1.5 * heights
    if heights[body] < 0.5 * span or not below.any():
        return None
    shadow = np.flatnonzero(below)[tops[below].argmin()]
    middle = stats[shadow, cv2.CC_STAT_LEFT] + stats[shadow, cv2.CC_STAT_WIDTH] / 2
    return float(middle), float(tops[shadow])


def _ground_line(tops: np.ndarray, height: float) -> tuple[float, float]:
    """Slope and intercept of the line on which the (M, 2) x, y tops of shadows lie."""
    x, y = tops.T
    slope, residuals, inliers = 0.0, y, np.ones(len(y), bool)
    for _ in range(2):
        if np.ptp(x[inliers]) > 40 and inliers.sum() >= 6:
            slope = float(np.clip(np.polyfit(x[inliers], y[inliers], 1)[0], -0.1, 0.1))
        residuals = y - slope * x
        deviations = np.abs(residuals - np.median(residuals))
        inliers = deviations <= 3 * max(float(np.median(deviations)), 1.0)
    ground = float(np.percentile(residuals[inliers], _GROUND_PERCENTILE))
    return slope, ground + _CLEARANCE * height


def _centred(bounds: np.ndarray, parts: dict[int, tuple[np.ndarray, int, int]]) -> np.ndarray:
    """The outlines moved half way to the middle of the upper body, which no shadow reaches."""
    centred = bounds.copy()
    for index, (part, top, left) in parts.items():
        first = int(bounds[index, 1]) - top
        rows = max(int(_UPPER_BODY * (bounds[index, 3] - bounds[index, 1])), 2)
        upper = part[max(first, 0) : first + rows]
        if upper.any():
            offset = left + outline_bounds(upper)[4] - bounds[index, (0, 2)].mean()
            centred[index, (0, 2)] += offset / 2
    return centred
