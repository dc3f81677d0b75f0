"""What stands out against an empty place without the shadow it throws, in colour. Door: cv2.

A shadow multiplies the light of whatever it falls on: the logarithm of the picture over the empty
place is one and the same vector (red, green, blue) all over a shadow, shorter in its soft edge.
Sky light makes a sunny shadow bluer than the ground, so the vector is measured, not taken as grey.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from pushoff.values import Box
from pushoff.video.tracking.stabilization import estimate_motion

FEWEST = 3
"""Empty pictures of which a median still leaves out somebody who stands in one of them."""
_ALIKE = 9.0
"""Grey levels by which another view's median difference exceeds the same view's: noise is below."""
_DARK = 6.0
"""Added to both pictures before they are divided: in black pixels noise is all there is."""
_SHADOW = (-1.25, -0.16)
"""Range of a shadow's mean logarithm: it leaves 29 to 85 % of the light. What is darker is black
cloth, what is lighter cannot be told from noise."""
_TINT = (0.1, 0.25)
"""How far one channel's logarithm may be from the mean, at least and as a share of it."""
_BESIDE, _WIDENS, _DEEPER = 0.08, 0.2, 1.3
"""How far from the shadow's line, logarithm, how much more of it the deeper, and how much deeper
than the core: under a foot the sky is hidden too, and a shadow there is darker and less blue."""
_SOFT = 0.75
"""Least reach of a shadow: a soft one is deepest under the foot, in few pixels."""
_GRAIN, _GAP = 0.02, 0.03
"""Shares of the height: what is thinner is not a limb, what is further apart not one person."""
THIGHS = 0.25
"""Share of the height, from the hips down, where only the athlete stands out and no shadow."""
_VIEW_PX = 960
_STILL_PX = 0.3
"""Sway of less, in a picture `_VIEW_PX` wide, is measuring error: the camera stood still."""
_CORE = 0.12
"""Share of the shadow-like pixels that one tenth of logarithm around the commonest must hold."""


def empty_place(
    crops: Sequence[np.ndarray], scene: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """(h, w, 3) float32 median of the crops that show the same view as `scene`, and its noise.

    The noise, (h, w) float32, is the standard deviation around each pixel in one picture, grey
    levels: grass in the wind has more. None when fewer than `FEWEST` crops show the view: another
    camera position, or a person everywhere.
    """
    like = [crop for crop in crops if float(np.median(_gap(crop, scene))) < _ALIKE]
    if len(like) < FEWEST:
        return None
    stack = np.stack(like).astype(np.float32)
    place = np.median(stack, axis=0)
    noise = cv2.blur(1.48 * np.median(np.abs(stack - place), axis=0).max(2), (9, 9))
    return place, np.maximum(noise, 1.0)


def _gap(crop: np.ndarray, scene: np.ndarray) -> np.ndarray:
    """(h, w) mean difference of the channels, the light's own changes taken out."""
    gap = crop.astype(np.float32).mean(2) - scene.astype(np.float32).mean(2)
    return np.abs(gap - np.median(gap))


def log_ratio(picture: np.ndarray, place: np.ndarray) -> np.ndarray:
    """(h, w, 3) float32 natural logarithm of the light left, channel by channel."""
    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 0.7)
    base = cv2.GaussianBlur(place, (0, 0), 0.7)
    return np.log((soft + _DARK) / (base + _DARK))


def standing_out(picture: np.ndarray, place: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """(h, w) bool: any channel differs by more than the noise allows."""
    soft = cv2.GaussianBlur(picture.astype(np.float32) - place, (0, 0), 0.7)
    soft -= np.median(soft, axis=(0, 1))
    return np.abs(soft).max(2) > np.maximum(4.0 * noise, 16.0)


def shadow_vector(ratios: np.ndarray) -> np.ndarray | None:
    """(3,) logarithm of the light in the deepest common shadow among (M, 3) `ratios`.

    None where no value is common: no shadow, or too soft a one to have a core.
    """
    like = ratios[_shadowy(ratios)]
    if len(like) < 60:
        return None
    depth = like.mean(1)
    counts, edges = np.histogram(depth, bins=np.arange(_SHADOW[0], _SHADOW[1] + 0.051, 0.05))
    counts = counts * -(edges[:-1] + 0.025)  # soft edges and noise are light, and many
    pairs = counts[:-1] + counts[1:]
    best = int(pairs.argmax())
    if pairs[best] < _CORE * counts.sum():
        return None
    near = np.abs(depth - edges[best + 1]) < 0.06
    return np.median(like[near], axis=0)


def in_shadow(ratio: np.ndarray, core: np.ndarray | None, width: float = 1.0) -> np.ndarray:
    """(h, w) bool: on the line from full light to the shadow's core, and not beyond it.

    A larger `width` calls more of what is near the line shadow, down to dark shoes. Without a
    core, whatever is darker by less than a sunny shadow and of the ground's own tint.
    """
    if core is None:
        return _shadowy(ratio) & (ratio.mean(-1) > -0.7)
    length = float(np.linalg.norm(core))
    along = ratio @ (core / length)
    reach = max((1 + (_DEEPER - 1) * width) * length, _SOFT)
    beside = np.linalg.norm(ratio - along[..., None] * (core / length), axis=-1)
    return (along > 0) & (along < reach) & (beside < width * (_BESIDE + _WIDENS * along))


def _shadowy(ratios: np.ndarray) -> np.ndarray:
    """(...) bool: about equally darker in all channels, red not less than blue."""
    depth = ratios.mean(-1)
    apart = np.abs(ratios - depth[..., None]).max(-1)
    tint = np.maximum(_TINT[0], -_TINT[1] * depth)
    bluer = ratios[..., 2] - ratios[..., 0] > -0.12
    return (depth > _SHADOW[0]) & (depth < _SHADOW[1]) & (apart < tint) & bluer


def leg_mask(out: np.ndarray, shade: np.ndarray, height: float) -> np.ndarray:
    """(h, w) uint8 mask of what stands `out` and is no `shade`, as far as it hangs together.

    From the hips at the top of the picture down; `height` is the whole athlete's, in pixels.
    """
    lit = (out & ~shade).astype(np.uint8)
    mask = cv2.morphologyEx(lit, cv2.MORPH_OPEN, disk_kernel(round(_GRAIN * height)))
    _, labels = cv2.connectedComponents(cv2.dilate(mask, disk_kernel(2 * round(_GAP * height) + 1)))
    areas = np.bincount((labels * mask)[: max(round(THIGHS * height), 1)].ravel())
    if len(areas) < 2:
        return np.zeros_like(mask)
    return mask * (labels == 1 + int(areas[1:].argmax()))


def remove_small(out: np.ndarray, height: float) -> np.ndarray:
    """(h, w) bool: without what is thinner than a limb."""
    return (
        cv2.morphologyEx(out.astype(np.uint8), cv2.MORPH_OPEN, disk_kernel(round(_GRAIN * height)))
        > 0
    )


def disk_kernel(size: int) -> np.ndarray:
    """A round uint8 kernel of at least one pixel."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(size, 1), max(size, 1)))


def resize(image: np.ndarray, scale: float) -> np.ndarray:
    """The picture enlarged."""
    if scale == 1.0:
        return image
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)


def small_view(image: np.ndarray) -> np.ndarray:
    """(h, w) uint8 grey at most 960 px wide, in which a swaying camera is followed."""
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    scale = min(_VIEW_PX / grey.shape[1], 1.0)
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def laid_over(
    crop: np.ndarray, scene: np.ndarray, views: tuple[np.ndarray, np.ndarray], place: Box, wide: int
) -> np.ndarray | None:
    """The crop as it would be had the camera stood as in `scene`; None: not the same view.

    `views` are the whole pictures of both, small; `place` is where the crops are in a full-size
    picture `wide` pixels across. A move that fits the place no better is the athlete's own.
    """
    move = estimate_motion(*views)
    if move is None:
        return None
    scale = wide / views[0].shape[1]
    move[:2, 2] *= scale
    to = np.array([[1, 0, place.x_px], [0, 1, place.y_px], [0, 0, 1.0]])
    move = np.linalg.inv(to) @ move @ to
    corners = np.array([[0, 0, 1], [place.width_px, 0, 1], [0, place.height_px, 1.0]]).T
    if float(np.abs(move @ corners - corners).max()) < _STILL_PX * scale:
        return crop
    size = (place.width_px, place.height_px)
    moved = cv2.warpAffine(crop, move[:2], size, borderMode=cv2.BORDER_REPLICATE)
    gaps = [np.minimum(_gap(one, scene), 40).mean() for one in (moved, crop)]
    return moved if gaps[0] < gaps[1] else crop


def legs_window(box: Box, direction: str | None) -> Box:
    """Where the legs are: from the hips to below the box, and behind it, where the foot trails."""
    side = box.height_px
    behind, before = 0.4, 0.1
    left = {"right": behind, "left": before}.get(direction, behind)
    right = {"right": before, "left": behind}.get(direction, behind)
    return Box(
        round(box.x_px - left * side),
        round(box.y_px + 0.4 * side),
        round(box.width_px + (left + right) * side),
        round(0.75 * side),
    )


def clip_to(window: Box, shape: tuple[int, ...]) -> Box:
    """The part of a window that lies in a picture of that (H, W, ...) shape; may be empty."""
    left, top = max(window.x_px, 0), max(window.y_px, 0)
    right = min(window.x_px + window.width_px, shape[1])
    low = min(window.y_px + window.height_px, shape[0])
    return Box(left, top, max(right - left, 0), max(low - top, 0))


def disjoint(box: Box, window: Box) -> bool:
    """Whether the athlete, who fills the middle of the box, is beside the window."""
    margin = 0.1 * box.width_px
    right, left = box.x_px + box.width_px - margin, box.x_px + margin
    return right <= window.x_px or left >= window.x_px + window.width_px
