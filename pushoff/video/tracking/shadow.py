"""Tells a sharp shadow on the ground from the person who throws it. Door: cv2."""

import cv2
import numpy as np

from pushoff.video.tracking.silhouette import Masks, nearest_component, outline, window

_OFTEN = 0.12
"""Share of the frames in which person and shadow must have come apart: a runner flies for about
half of each step, but only the higher part of it shows a gap."""
_BEGINS = 70
"""Percentile of the rows in which shadows begin that counts as the ground: legs of the colour of
the background leave some that begin too high, and a foot cut off is worse than some shadow."""
_CLEARANCE = 0.03
"""Share of the height added below it: a gap of a pixel shows only when the foot is that high."""
_BODY = 0.65
"""Share of the height, from the top, whose middle is the person's: arms and legs swing evenly
about it and no shadow reaches there."""


def upright(
    masks: Masks, bounds: np.ndarray, rough: np.ndarray, reach: float, moving: np.ndarray
) -> np.ndarray:
    """(N, 6) outlines of the person alone, from those with the shadow and the (N,) bool frames
    in which the person travels.

    In flight the shadow comes off the feet: where it begins is the ground, a straight line
    through the picture, and what lies below it is shadow. Where nothing ever comes apart there
    is no shadow, and the outlines stay.
    """
    found = ~np.isnan(bounds[:, 0])
    parts = {}
    shades = []
    for index in np.flatnonzero(found):
        rows, columns = window(masks[index].shape, rough[index], reach)
        centre = rough[index] - (columns.start, rows.start)
        part = nearest_component(masks[index][rows, columns], centre, reach)
        parts[index] = (part, rows.start, columns.start)
        shade = _shadow_below(part) if moving[index] else None
        if shade is not None:
            shades.append((columns.start + shade[0], rows.start + shade[1]))
    if len(shades) < max(_OFTEN * int((found & moving).sum()), 4):
        return _centred(bounds, parts)
    tall = float(np.median(bounds[found, 3] - bounds[found, 1]))
    ground = _ground(np.array(shades), tall)
    alone = bounds.copy()
    for index, (part, top, left) in parts.items():
        x = bounds[index, 4]
        limit = round(ground[0] * x + ground[1]) - top + 1
        above = part.copy()
        above[max(limit, 1) :] = 0
        if above.sum() >= 0.3 * part.sum():
            alone[index] = outline(above) + np.tile((left, top), 3)
            parts[index] = (above, top, left)
    return _centred(alone, parts)


def _shadow_below(part: np.ndarray) -> tuple[float, float] | None:
    """(x, y) of the top of a shadow that lies apart below a body, or None."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(part)
    if count < 3:
        return None
    stats = stats[1:]
    tops, highs = stats[:, cv2.CC_STAT_TOP], stats[:, cv2.CC_STAT_HEIGHT]
    areas = stats[:, cv2.CC_STAT_AREA]
    span = (tops + highs).max() - tops.min()
    upper = np.flatnonzero(tops < tops.min() + 0.4 * span)
    body = upper[areas[upper].argmax()]
    bottom = tops[body] + highs[body]
    below = (tops >= bottom - 0.12 * highs[body]) & (areas > 0.12 * areas[body])
    # legs that came apart from the trunk are taller than wide, a shadow on the ground never is
    below &= stats[:, cv2.CC_STAT_WIDTH] > 1.5 * highs
    if highs[body] < 0.5 * span or not below.any():
        return None
    shade = np.flatnonzero(below)[tops[below].argmin()]
    middle = stats[shade, cv2.CC_STAT_LEFT] + stats[shade, cv2.CC_STAT_WIDTH] / 2
    return float(middle), float(tops[shade])


def _ground(tops: np.ndarray, height: float) -> np.ndarray:
    """(2,) slope and place of the line on which the (M, 2) tops of shadows lie."""
    x, y = tops.T
    slope, rest, good = 0.0, y, np.ones(len(y), bool)
    for _ in range(2):
        if np.ptp(x[good]) > 40 and good.sum() >= 6:
            slope = float(np.clip(np.polyfit(x[good], y[good], 1)[0], -0.1, 0.1))
        rest = y - slope * x
        away = np.abs(rest - np.median(rest))
        good = away <= 3 * max(float(np.median(away)), 1.0)
    return np.array([slope, float(np.percentile(rest[good], _BEGINS)) + _CLEARANCE * height])


def _centred(bounds: np.ndarray, parts: dict[int, tuple[np.ndarray, int, int]]) -> np.ndarray:
    """The outlines moved half way to the middle of the upper body, which no shadow reaches."""
    centred = bounds.copy()
    for index, (part, top, left) in parts.items():
        first = int(bounds[index, 1]) - top
        deep = max(int(_BODY * (bounds[index, 3] - bounds[index, 1])), 2)
        upper = part[max(first, 0) : first + deep]
        if upper.any():
            aside = left + outline(upper)[4] - bounds[index, (0, 2)].mean()
            centred[index, (0, 2)] += aside / 2
    return centred
