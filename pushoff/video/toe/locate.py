"""Where the toe is at a push-off, in a video of a fixed camera.

The toe that pushes off is the front end of the lowest part of the athlete's outline, and it
stays in place over the last frames of the contact while everything else moves. So it is located
in each of them, and how well they agree is how well it is known.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pushoff.values import Box
from pushoff.video.toe import background
from pushoff.video.tracking.athlete import HEIGHT_IN_BOX

_EMPTY_FRAMES = 15
"""Frames over the whole video from which the empty background is made."""
_MIN_EMPTY_FRAMES = 7
"""Of them, the fewest that show one push-off's background; more are requested where need be."""
_MIN_HEIGHT_PX = 220
"""Height the athlete is enlarged to, if smaller: outlines then move in less than whole pixels."""
_SOLE_STRIP = 0.02
"""Share of the athlete's height that counts as lowest: the sole's front, 3.5 cm."""
_SAME_TOE = 0.03
"""Two points are the same toe within this share of the height, 5 cm."""
_SHADOW_WIDTHS = (0.7, 1.3)
"""How much is taken for shadow; where both give one point, it does not depend on the boundary
between shoe and shadow."""
_HALO_PX = 1.0
"""An outline reaches this far beyond the thing: lens, compression and smoothing blur its edge."""
_MAX_SLOPE = 0.06
"""A runway rises no more across the image, 3 degrees: a camera a little askew."""
_MIN_LINE_TOES, _NEAR_GROUND, _OFF_GROUND = 3, 0.025, 0.06
"""From so many toes on, each must lie on one straight line; shares of the height by which one may
miss it and be preferred, and be used at all. A lane's 10 cm to either side are 0.5 % from a
tripod."""
_FLOOR_PX, _FLOOR, _DISAGREEMENT = 0.8, 0.015, 0.08
"""The least uncertainty, pixels and share of the height; and the share added when no two points
agree. Far too narrow for the tail: of 52 toes found on 12 synthetic videos (`random_spec`, seeds
400-411, fixed cameras, 640 x 360, athletes 60-114 px tall, true frames) the median was off by
5.5 % of the height, 27 by more than 5 %, 8 by more than 25 %, the worst by 36 %. Root mean square
error over the stated one: 2.6 along the runway, 1.2 upright; on 54 toes of 12 other synthetic
videos 1.8 for both together; see `pushoff.workflows.analyze.TOE_UNCERTAINTY_FACTOR`."""


@dataclass(frozen=True)
class ToePoint:
    """The front of the sole on the ground, in full-size pixels."""

    x_px: float
    y_px: float
    uncertainty_px: float
    """One standard deviation of each coordinate."""


@dataclass(frozen=True, eq=False)
class _EventCrops:
    """Crops around the legs at one push-off, in original pixels."""

    event: int
    """Frame of the push-off."""
    window: Box
    """Where the crops are in the full-size image."""
    height_px: float
    """The athlete's."""
    image_width_px: int
    """Of the full-size image."""
    contact: dict[int, np.ndarray] = field(default_factory=dict)
    """(h, w, 3) uint8 RGB by frame, of the last frames of the contact."""
    empty: dict[int, np.ndarray] = field(default_factory=dict)
    """The same of frames in which the athlete is elsewhere."""

    @classmethod
    def around(
        cls, event: int, image: np.ndarray, box: Box, direction: str | None
    ) -> "_EventCrops":
        """No crops yet, for an event with this athlete's box in images of this size."""
        window = background.clip_to(background.legs_window(box, direction), image.shape)
        return cls(event, window, HEIGHT_IN_BOX * box.height_px, image.shape[1])

    def add(self, index: int, image: np.ndarray, boxes: Sequence[Box], step: int) -> None:
        """Keep the crop of a frame of the contact, or of one without the athlete."""
        window = self.window
        is_contact = index in contact_frames(self.event, step)
        is_empty = index < len(boxes) and background.disjoint(boxes[index], window)
        if window.width_px < 8 or window.height_px < 8 or not (is_contact or is_empty):
            return
        rows = slice(window.y_px, window.y_px + window.height_px)
        columns = slice(window.x_px, window.x_px + window.width_px)
        crops = self.contact if is_contact else self.empty
        crops[index] = image[rows, columns].copy()


def contact_frames(event: int, step: int) -> list[int]:
    """The last frames of the contact, latest first; `step` frames are a thirtieth of a second.

    17 ms of them, at least two: toes stay in place longer than that (contacts take 80-250 ms).
    """
    back = max(round(step / 2), 1)
    return [frame for frame in range(event, event - back - 1, -1) if frame >= 0]


def frames_needed(
    events: Sequence[int], count: int, boxes: Sequence[Box], step: int = 1
) -> list[int]:
    """Indices of the frames that `locate_toes` needs, of a video of `count` frames, in order.

    `boxes` is one per frame; `step` is `frames_per_moment`: 8 at 240/s.
    """
    count = min(count, len(boxes))
    events = [event for event in events if 0 <= event < count]
    if not events:
        return []
    sample = set(np.linspace(0, count - 1, _EMPTY_FRAMES).round().astype(int).tolist())
    needed = set(sample)
    for event in events:
        needed.update(contact_frames(event, step))
        window = background.legs_window(boxes[event], None)
        empty = [index for index in range(count) if background.disjoint(boxes[index], window)]
        if sum(index in sample for index in empty) < _MIN_EMPTY_FRAMES and empty:
            picks = np.linspace(0, len(empty) - 1, _MIN_EMPTY_FRAMES).round().astype(int)
            needed.update(empty[pick] for pick in picks)
    return sorted(needed)


def locate_toes(
    frames: Mapping[int, np.ndarray] | Iterable[tuple[int, np.ndarray]],
    events: Sequence[int],
    boxes: Sequence[Box],
    direction: str | None,
    step: int = 1,
) -> list[ToePoint | None]:
    """The toe at each of the push-off frames `events`; None where it cannot be made out.

    `frames` are (H, W, 3) uint8 RGB, upright and full-size, by index, as `frames_needed` lists
    them; given as pairs, one at a time, only the athlete's surroundings are kept of each. `boxes`
    is one per frame of the video, `direction` the way the athlete travels, `left` or `right`;
    None leaves the front of the sole unknown, and the uncertainty grows by half a foot's width.

    For a fixed camera only: others have no empty background to compare with.
    """
    pairs = frames.items() if isinstance(frames, Mapping) else frames
    thumbnails: dict[int, np.ndarray] = {}
    crops: dict[int, _EventCrops] = {}
    in_video = [event for event in dict.fromkeys(events) if 0 <= event < len(boxes)]
    for index, image in pairs:
        thumbnails[index] = background.grey_thumbnail(image)
        for event in in_video:
            if event not in crops:
                crops[event] = _EventCrops.around(event, image, boxes[event], direction)
            crops[event].add(index, image, boxes, step)
    images: dict[int, _EventImages] = {}
    for event, event_crops in crops.items():
        aligned = _EventImages.aligned(event_crops, thumbnails)
        if aligned is not None:
            images[event] = aligned
    if not images:
        return [None] * len(events)
    ratios = np.concatenate([event_images.lower_ratios() for event_images in images.values()])
    shadow = background.shadow_vector(ratios)
    candidates = {
        event: points
        for event, event_images in images.items()
        if len(points := event_images.candidates(shadow, direction))
    }
    ground = _ground_line(candidates)
    toes = {
        event: _combine(points, images[event], ground, direction)
        for event, points in candidates.items()
    }
    return [toes.get(event) for event in events]


def _ground_line(candidates: Mapping[int, np.ndarray]) -> tuple[float, float] | None:
    """Slope and intercept of the line in the image on which the toes are; None with too few.

    The median of the slopes between pairs (the Theil-Sen estimator): some toes may be wrong.
    """
    if len(candidates) < _MIN_LINE_TOES:
        return None
    x, y = np.array([np.median(points, axis=0) for points in candidates.values()]).T
    first, second = np.triu_indices(len(x), 1)
    distinct = np.abs(x[first] - x[second]) > 1
    slopes = (y[first] - y[second])[distinct] / (x[first] - x[second])[distinct]
    slope = float(np.clip(np.median(slopes), -_MAX_SLOPE, _MAX_SLOPE)) if len(slopes) else 0.0
    return slope, float(np.median(y - slope * x))


def _combine(
    points: np.ndarray,
    images: "_EventImages",
    ground: tuple[float, float] | None,
    direction: str | None,
) -> ToePoint | None:
    """The point most of the (K, 2) candidates agree on; None where none is on the ground."""
    height = images.crops.height_px
    if ground is not None:
        slope, intercept = ground
        misses = np.abs(points[:, 1] - slope * points[:, 0] - intercept)
        if misses.min() > _OFF_GROUND * height:
            return None
        points = points[misses <= max(float(misses.min()), _NEAR_GROUND * height)]
    distances = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    votes = (distances < _SAME_TOE * height).sum(1)
    # of points with as many votes the most central one
    best = int((votes - distances.mean(1) / (1 + distances.max())).argmax())
    group = points[distances[best] < _SAME_TOE * height]
    x, y = np.median(group, axis=0)
    share = len(group) / (2 * len(images.contact))
    spread = float(np.sqrt(((group - (x, y)) ** 2).mean()))
    disagreement = _DISAGREEMENT * height * (1 - min(share, 1.0))
    error = math.hypot(_FLOOR_PX, _FLOOR * height, spread, disagreement)
    if direction is None:
        error = math.hypot(error, 0.03 * height)
    return ToePoint(float(x), float(y), error)


@dataclass(frozen=True, eq=False)
class _EventImages:
    """The crops of one push-off, aligned and enlarged, beside the empty background."""

    crops: _EventCrops
    scale: float
    """Enlarged pixels per pixel."""
    contact: list[np.ndarray]
    """(h, w, 3) uint8 RGB of the contact, latest first."""
    empty: np.ndarray
    """(h, w, 3) float32: the background without the athlete."""
    noise: np.ndarray
    """(h, w) float32, grey levels."""

    @classmethod
    def aligned(
        cls, crops: _EventCrops, thumbnails: Mapping[int, np.ndarray]
    ) -> "_EventImages | None":
        """Every crop aligned with the event's; None without it or without an empty background."""
        event = crops.event
        if event not in crops.contact or not crops.empty:
            return None
        reference = crops.contact[event]

        def align(images: Mapping[int, np.ndarray], indices: Iterable[int]) -> list[np.ndarray]:
            aligned = (
                background.align_crop(
                    images[index],
                    reference,
                    (thumbnails[index], thumbnails[event]),
                    crops.window,
                    crops.image_width_px,
                )
                for index in indices
            )
            return [crop for crop in aligned if crop is not None]

        before = sorted((index for index in crops.contact if index != event), reverse=True)
        contact = [reference, *align(crops.contact, before)]
        nearest = sorted(crops.empty, key=lambda index: abs(index - event))[:_EMPTY_FRAMES]
        estimate = background.empty_background(align(crops.empty, nearest), reference)
        if estimate is None:
            return None
        scale = max(_MIN_HEIGHT_PX / crops.height_px, 1.0)
        empty, noise = estimate
        return cls(
            crops,
            scale,
            [background.resize(image, scale) for image in contact],
            background.resize(empty, scale),
            background.resize(noise, scale),
        )

    @property
    def height(self) -> float:
        """The athlete's, in enlarged pixels."""
        return self.crops.height_px * self.scale

    def lower_ratios(self) -> np.ndarray:
        """(M, 3) log ratios of the foreground in the lower half, where shadows are."""
        foreground = background.foreground_mask(self.contact[0], self.empty, self.noise)
        foreground = background.remove_small(foreground, self.height)
        ratios = background.log_ratio(self.contact[0], self.empty)
        half = len(foreground) // 2
        return ratios[half:][foreground[half:]]

    def candidates(self, shadow: np.ndarray | None, direction: str | None) -> np.ndarray:
        """(K, 2) toes in full-size pixels: of each image, with less and more taken for shadow."""
        forward = {"right": 1, "left": -1}.get(direction or "", 0)
        window, points = self.crops.window, []
        for image in self.contact:
            for width in _SHADOW_WIDTHS:
                point = self._lowest_point(self._leg_mask(image, shadow, width), direction)
                if point is not None:
                    x, y = ((value + 0.5) / self.scale - 0.5 for value in point)
                    points.append(
                        (window.x_px + x - forward * _HALO_PX, window.y_px + y - _HALO_PX)
                    )
        return np.array(points).reshape(-1, 2)

    def _leg_mask(self, image: np.ndarray, shadow: np.ndarray | None, width: float) -> np.ndarray:
        """(h, w) uint8 mask of the legs without their shadow, enlarged pixels."""
        foreground = background.foreground_mask(image, self.empty, self.noise)
        ratios = background.log_ratio(image, self.empty)
        in_shadow = background.in_shadow(ratios, shadow, width)
        return background.leg_mask(foreground, in_shadow, self.height)

    def _lowest_point(self, mask: np.ndarray, direction: str | None) -> tuple[float, float] | None:
        """Front end of the lowest part of a leg mask, enlarged pixels."""
        if mask.sum() < 0.02 * self.height**2:
            return None
        thighs = mask[: round(background.THIGHS * self.height)].sum(0, dtype=float)
        if not thighs.any():
            return None
        hips = round(float((thighs * np.arange(len(thighs))).sum() / thighs.sum()))
        mask = mask.copy()
        if direction == "right":  # the foot that pushes off is behind the hips
            mask[:, hips + 1 :] = 0
        elif direction == "left":
            mask[:, :hips] = 0
        rows = np.flatnonzero(mask.sum(1) >= max(0.008 * self.height, 1))
        if len(rows) == 0:
            return None
        bottom = int(rows[-1])
        strip = mask[max(bottom - round(_SOLE_STRIP * self.height), 0) : bottom + 1]
        columns = np.flatnonzero(strip.any(0))
        if direction == "right":
            return float(columns[-1]), float(bottom)
        if direction == "left":
            return float(columns[0]), float(bottom)
        return float(columns.mean()), float(bottom)
