"""Foreground against an empty background, in colour, without the shadow it throws. Door: cv2.

A shadow multiplies the light of whatever it falls on: the logarithm of the image over the empty
background is the same vector (red, green, blue) everywhere in a shadow, shorter in its soft edge.
Sky light makes a sunny shadow bluer than the ground, so the vector is measured, not taken as grey.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from pushoff.values import Box
from pushoff.video.tracking.stabilization import estimate_motion

MIN_EMPTY_CROPS = 3
"""With so many crops a median still leaves out somebody who stands in one of them."""
_SAME_VIEW_GREY_LEVELS = 9.0
"""Two crops of one view differ by less, median; noise is below it, another view above."""
_LOG_OFFSET = 6.0
"""Added to both images before they are divided: in black pixels noise is all there is."""
_SHADOW_LOG_RANGE = (-1.25, -0.16)
"""Range of a shadow's mean logarithm: it leaves 29 to 85 % of the light. What is darker is black
cloth, what is lighter cannot be distinguished from noise."""
_MAX_TINT = (0.1, 0.25)
"""How far one channel's logarithm may be from the mean, at least and as a share of it."""
_LINE_DISTANCE, _LINE_WIDENING, _MAX_DEPTH = 0.08, 0.2, 1.3
"""How far from the shadow's line, logarithm, how much more of it the deeper, and how much deeper
than the core: under a foot the sky is hidden too, and a shadow there is darker and less blue."""
_MIN_SHADOW_REACH = 0.75
"""Logarithm: a soft shadow is deepest under the foot, in few pixels."""
_MIN_LIMB, _MAX_GAP = 0.02, 0.03
"""Shares of the height: what is thinner is not a limb, what is further apart not one person."""
THIGHS = 0.25
"""Share of the height, from the hips down, where only the athlete stands out and no shadow."""
_THUMBNAIL_WIDTH_PX = 960
_STILL_PX = 0.3
"""Less sway, in a thumbnail of that width, is measurement error: the camera stood still."""
_CORE_SHARE = 0.12
"""Share of the shadow-like pixels that one tenth of logarithm around the commonest must hold."""


def empty_background(
    crops: Sequence[np.ndarray], reference: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """(h, w, 3) float32 median of the crops that show the same view as `reference`, and its noise.

    Crops are (h, w, 3) uint8 RGB. The noise, (h, w) float32, is the standard deviation around each
    pixel in one image, grey levels: grass in the wind has more. None when fewer than
    `MIN_EMPTY_CROPS` show the view: another camera position, or a person everywhere.
    """
    same_view = [
        crop
        for crop in crops
        if float(np.median(_difference(crop, reference))) < _SAME_VIEW_GREY_LEVELS
    ]
    if len(same_view) < MIN_EMPTY_CROPS:
        return None
    stack = np.stack(same_view).astype(np.float32)
    empty = np.median(stack, axis=0)
    noise = cv2.blur(1.48 * np.median(np.abs(stack - empty), axis=0).max(2), (9, 9))
    return empty, np.maximum(noise, 1.0)


def _difference(crop: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """(h, w) absolute difference of the channels' mean, changes of the light taken out."""
    difference = crop.astype(np.float32).mean(2) - reference.astype(np.float32).mean(2)
    return np.abs(difference - np.median(difference))


def log_ratio(image: np.ndarray, empty: np.ndarray) -> np.ndarray:
    """(h, w, 3) float32 natural logarithm of the image's light over the background's, per channel.

    `image` is (h, w, 3) uint8 RGB, `empty` the same in float32.
    """
    smooth = cv2.GaussianBlur(image.astype(np.float32), (0, 0), 0.7)
    base = cv2.GaussianBlur(empty, (0, 0), 0.7)
    return np.log((smooth + _LOG_OFFSET) / (base + _LOG_OFFSET))


def foreground_mask(image: np.ndarray, empty: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """(h, w) bool: any channel differs from the background by more than the noise allows."""
    difference = cv2.GaussianBlur(image.astype(np.float32) - empty, (0, 0), 0.7)
    difference -= np.median(difference, axis=(0, 1))
    return np.abs(difference).max(2) > np.maximum(4.0 * noise, 16.0)


def shadow_vector(ratios: np.ndarray) -> np.ndarray | None:
    """(3,) log ratio of the shadow's core: the deepest that is common among (M, 3) `ratios`.

    None where no value is common: no shadow, or one too soft to have a core.
    """
    candidates = ratios[_like_shadow(ratios)]
    if len(candidates) < 60:
        return None
    depth = candidates.mean(1)
    low, high = _SHADOW_LOG_RANGE
    counts, edges = np.histogram(depth, bins=np.arange(low, high + 0.051, 0.05))
    counts = counts * -(edges[:-1] + 0.025)  # soft edges and noise are light, and many
    pairs = counts[:-1] + counts[1:]
    best = int(pairs.argmax())
    if pairs[best] < _CORE_SHARE * counts.sum():
        return None
    near = np.abs(depth - edges[best + 1]) < 0.06
    return np.median(candidates[near], axis=0)


def in_shadow(ratio: np.ndarray, core: np.ndarray | None, width: float = 1.0) -> np.ndarray:
    """(h, w) bool: (h, w, 3) log ratios on the line from full light to the shadow's core.

    A larger `width` counts more of what is near the line as shadow, down to dark shoes. Without a
    core it is whatever is darker by less than a sunny shadow and has the ground's own tint.
    """
    if core is None:
        return _like_shadow(ratio) & (ratio.mean(-1) > -0.7)
    length = float(np.linalg.norm(core))
    along = ratio @ (core / length)
    reach = max((1 + (_MAX_DEPTH - 1) * width) * length, _MIN_SHADOW_REACH)
    distance = np.linalg.norm(ratio - along[..., None] * (core / length), axis=-1)
    return (
        (along > 0)
        & (along < reach)
        & (distance < width * (_LINE_DISTANCE + _LINE_WIDENING * along))
    )


def _like_shadow(ratios: np.ndarray) -> np.ndarray:
    """(...) bool: about equally darker in all channels, red not less than blue."""
    depth = ratios.mean(-1)
    tint = np.abs(ratios - depth[..., None]).max(-1)
    max_tint = np.maximum(_MAX_TINT[0], -_MAX_TINT[1] * depth)
    bluer = ratios[..., 2] - ratios[..., 0] > -0.12
    low, high = _SHADOW_LOG_RANGE
    return (depth > low) & (depth < high) & (tint < max_tint) & bluer


def leg_mask(foreground: np.ndarray, shadow: np.ndarray, height: float) -> np.ndarray:
    """(h, w) uint8 mask of the connected foreground without shadow, both (h, w) bool.

    From the hips at the top of the crop down; `height` is the whole athlete's, in pixels.
    """
    legs = (foreground & ~shadow).astype(np.uint8)
    mask = cv2.morphologyEx(legs, cv2.MORPH_OPEN, disk_kernel(round(_MIN_LIMB * height)))
    joined = cv2.dilate(mask, disk_kernel(2 * round(_MAX_GAP * height) + 1))
    _, labels = cv2.connectedComponents(joined)
    areas = np.bincount((labels * mask)[: max(round(THIGHS * height), 1)].ravel())
    if len(areas) < 2:
        return np.zeros_like(mask)
    return mask * (labels == 1 + int(areas[1:].argmax()))


def remove_small(mask: np.ndarray, height: float) -> np.ndarray:
    """(h, w) bool: the mask without what is thinner than a limb of an athlete `height` tall."""
    kernel = disk_kernel(round(_MIN_LIMB * height))
    return cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, kernel) > 0


def disk_kernel(size: int) -> np.ndarray:
    """A round uint8 kernel of at least one pixel."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(size, 1), max(size, 1)))


def resize(image: np.ndarray, scale: float) -> np.ndarray:
    """The (h, w, ...) image, `scale` times as large."""
    if scale == 1.0:
        return image
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)


def grey_thumbnail(image: np.ndarray) -> np.ndarray:
    """(h, w) uint8 of an (H, W, 3) RGB frame, at most 960 px wide, to measure the camera's sway."""
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    scale = min(_THUMBNAIL_WIDTH_PX / grey.shape[1], 1.0)
    return cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def align_crop(
    crop: np.ndarray,
    reference: np.ndarray,
    thumbnails: tuple[np.ndarray, np.ndarray],
    window: Box,
    image_width_px: int,
) -> np.ndarray | None:
    """The crop as it would be had the camera stood as in `reference`; None: not the same view.

    Both are (h, w, 3) uint8 RGB of `window` in full-size images of that width; `thumbnails` are the
    `grey_thumbnail` of either image. A motion that fits the crop no better is the athlete's own.
    """
    motion = estimate_motion(*thumbnails)
    if motion is None:
        return None
    scale = image_width_px / thumbnails[0].shape[1]
    motion[:2, 2] *= scale
    to_image = np.array([[1, 0, window.x_px], [0, 1, window.y_px], [0, 0, 1.0]])
    motion = np.linalg.inv(to_image) @ motion @ to_image
    corners = np.array([[0, 0, 1], [window.width_px, 0, 1], [0, window.height_px, 1.0]]).T
    if float(np.abs(motion @ corners - corners).max()) < _STILL_PX * scale:
        return crop
    size = (window.width_px, window.height_px)
    moved = cv2.warpAffine(crop, motion[:2], size, borderMode=cv2.BORDER_REPLICATE)
    moved_error, crop_error = (
        np.minimum(_difference(image, reference), 40).mean() for image in (moved, crop)
    )
    return moved if moved_error < crop_error else crop


def legs_window(box: Box, direction: str | None) -> Box:
    """Where the legs are: from the hips to below the box, and behind it, where the foot trails."""
    side = box.height_px
    behind, before = 0.4, 0.1
    left = before if direction == "left" else behind
    right = before if direction == "right" else behind
    return Box(
        round(box.x_px - left * side),
        round(box.y_px + 0.4 * side),
        round(box.width_px + (left + right) * side),
        round(0.75 * side),
    )


def clip_to(window: Box, shape: tuple[int, ...]) -> Box:
    """The part of a window that lies in an image of that (H, W, ...) shape; may be empty."""
    left, top = max(window.x_px, 0), max(window.y_px, 0)
    right = min(window.x_px + window.width_px, shape[1])
    bottom = min(window.y_px + window.height_px, shape[0])
    return Box(left, top, max(right - left, 0), max(bottom - top, 0))


def disjoint(box: Box, window: Box) -> bool:
    """Whether the athlete, who fills the middle of the box, is beside the window."""
    margin = 0.1 * box.width_px
    right, left = box.x_px + box.width_px - margin, box.x_px + margin
    return right <= window.x_px or left >= window.x_px + window.width_px
