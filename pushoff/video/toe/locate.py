"""Where the toe stood at a push-off, with a camera that stands still.

The toe that pushes off is the front end of the lowest part of the athlete's outline, and it
stays where it is over the last frames of the contact while everything else moves: so it is looked
for in each of them, and how well they agree is how well it is known.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.values import Box
from pushoff.video.toe import background

_FILLS = 0.7
"""The athlete's height as a share of the box's side (`AthleteTrack.boxes`)."""
_SPREAD = 15
"""Frames over the whole video from which the empty place is made."""
_CLEAR = 7
"""Of them, the fewest that show one push-off's place empty; more are asked for where need be."""
_WORK_PX = 220
"""Height the athlete is enlarged to, if smaller: outlines then move in less than whole pixels."""
_STRIP = 0.02
"""Share of the athlete's height that counts as lowest: the sole's front, 3.5 cm."""
_AGREE = 0.03
"""Two sightings agree on the toe within this share of the height, 5 cm."""
_WIDTHS = (0.7, 1.3)
"""How much is taken for shadow: what both say does not hang on where shoe and shadow part."""
_HALO_PX = 1.0
"""An outline reaches this far beyond the thing: lens, compression and smoothing blur its edge."""
_STEEP = 0.06
"""A runway climbs no more across the picture, 3 degrees: a camera a little askew."""
_LINE_OF, _NEAR_GROUND, _OFF_GROUND = 3, 0.025, 0.06
"""From so many toes on, each must lie on one straight line; shares of the height by which one may
miss it and be used first, and at all. A lane's 10 cm to either side are 0.5 % from a tripod."""
_FLOOR_PX, _FLOOR, _DOUBT = 0.8, 0.015, 0.08
"""What the toe is uncertain by at best, pixels and share of the height; and the share added when
no two sightings agree. Far too narrow for the tail: of 52 toes found on 12 synthetic videos
(`random_spec`, seeds 400-411, fixed cameras, 640 x 360, athletes 60-114 px tall, true frames) the
median was off by 5.5 % of the height, 27 by more than 5 %, 8 by more than 25 %, the worst by 36 %.
Root mean square over what is stated: 2.6 along the runway, 1.2 upright; on 54 toes of 12 other
synthetic videos 1.8 of both together. `pushoff.workflows.analyze.TOE_CAUTION` makes up for it."""


@dataclass(frozen=True)
class ToePoint:
    """The front of the sole on the ground, in full-size pixels."""

    x_px: float
    y_px: float
    uncertainty_px: float
    """One standard deviation of each coordinate."""


@dataclass(frozen=True, eq=False)
class _Look:
    """The lower body's surroundings at one push-off and the pictures of them."""

    window: Box
    height_px: float
    width_px: int
    """Of the whole picture."""
    contact: dict[int, np.ndarray]
    """(h, w, 3) uint8 RGB crops by frame."""
    empty: dict[int, np.ndarray]
    """The same of the frames in which the athlete is elsewhere."""


def contact_frames(event: int, step: int) -> list[int]:
    """The last frames of the contact, latest first; `step` frames are a thirtieth of a second.

    17 ms of them, at least two: toes stay put longer than that (contacts take 80-250 ms).
    """
    back = max(round(step / 2), 1)
    return [frame for frame in range(event, event - back - 1, -1) if frame >= 0]


def frames_needed(
    events: Sequence[int], count: int, boxes: Sequence[Box], step: int = 1
) -> list[int]:
    """Frames of a video of `count` to hand to `locate_toes`, in order.

    `boxes` is one per frame; `step` is `frames_per_moment`: 8 at 240/s.
    """
    count = min(count, len(boxes))
    events = [event for event in events if 0 <= event < count]
    if not events:
        return []
    spread = set(np.linspace(0, count - 1, _SPREAD).round().astype(int).tolist())
    needed = set(spread)
    for event in events:
        needed.update(contact_frames(event, step))
        window = background.legs_window(boxes[event], None)
        clear = [i for i in range(count) if background.disjoint(boxes[i], window)]
        if sum(i in spread for i in clear) < _CLEAR and clear:
            picks = np.linspace(0, len(clear) - 1, _CLEAR).round().astype(int)
            needed.update(clear[pick] for pick in picks)
    return sorted(needed)


def locate_toes(
    frames: Mapping[int, np.ndarray] | Iterable[tuple[int, np.ndarray]],
    wanted: Sequence[int],
    boxes: Sequence[Box],
    direction: str | None,
    step: int = 1,
) -> list[ToePoint | None]:
    """The toe at each of the `wanted` push-off frames; None where it cannot be made out.

    `frames` are (H, W, 3) uint8 RGB, upright and full-size, by index, as `frames_needed` lists
    them; given as pairs, one at a time, only the athlete's surroundings are kept of each. `boxes`
    is one per frame of the video, `direction` the way the athlete travels, `left` or `right`;
    None leaves the front of the sole unknown, and the uncertainty grows by half a foot's width.

    For videos of a camera that stands still: elsewhere there is no empty place to compare with.
    """
    pairs = frames.items() if isinstance(frames, Mapping) else frames
    views = {}
    looks = {event: None for event in wanted if 0 <= event < len(boxes)}
    for index, image in pairs:
        views[index] = background.small_view(image)
        for event in looks:
            if looks[event] is None:
                window = background.clip_to(
                    background.legs_window(boxes[event], direction), image.shape
                )
                tall = _FILLS * boxes[event].height_px
                looks[event] = _Look(window, tall, image.shape[1], {}, {})
            _keep(looks[event], index, image, event, boxes, step)
    scenes = {event: _Scene.of(event, look, views) for event, look in looks.items() if look}
    scenes = {event: scene for event, scene in scenes.items() if scene}
    if not scenes:
        return [None] * len(wanted)
    core = background.shadow_vector(np.concatenate([one.low_ratios() for one in scenes.values()]))
    seen = {event: scene.candidates(core, direction) for event, scene in scenes.items()}
    seen = {event: points for event, points in seen.items() if len(points)}
    ground = _ground(seen)
    toes = {
        event: _agreed(points, scenes[event], ground, direction) for event, points in seen.items()
    }
    return [toes.get(event) for event in wanted]


def _ground(seen: Mapping[int, np.ndarray]) -> tuple[float, float] | None:
    """Slope and height of the line the toes stand on in the picture; None with too few of them.

    The median of the slopes between pairs (Theil and Sen): some toes may be wrong.
    """
    if len(seen) < _LINE_OF:
        return None
    x, y = np.array([np.median(points, axis=0) for points in seen.values()]).T
    one, other = np.triu_indices(len(x), 1)
    apart = np.abs(x[one] - x[other]) > 1
    slopes = (y[one] - y[other])[apart] / (x[one] - x[other])[apart]
    slope = float(np.clip(np.median(slopes), -_STEEP, _STEEP)) if len(slopes) else 0.0
    return slope, float(np.median(y - slope * x))


def _agreed(
    points: np.ndarray,
    scene: "_Scene",
    ground: tuple[float, float] | None,
    direction: str | None,
) -> ToePoint | None:
    """What most of the (K, 2) points say; None where none of them is on the ground."""
    tall = scene.look.height_px
    if ground is not None:
        off = np.abs(points[:, 1] - ground[0] * points[:, 0] - ground[1])
        if off.min() > _OFF_GROUND * tall:
            return None
        points = points[off <= max(float(off.min()), _NEAR_GROUND * tall)]
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    votes = (apart < _AGREE * tall).sum(1)
    best = int((votes - apart.mean(1) / (1 + apart.max())).argmax())  # of equals the middle one
    group = points[apart[best] < _AGREE * tall]
    x, y = np.median(group, axis=0)
    share = len(group) / (2 * len(scene.pictures))
    spread = float(np.sqrt(((group - (x, y)) ** 2).mean()))
    error = math.hypot(_FLOOR_PX, _FLOOR * tall, spread, _DOUBT * tall * (1 - min(share, 1.0)))
    if direction is None:
        error = math.hypot(error, 0.03 * tall)
    return ToePoint(float(x), float(y), error)


def _keep(
    look: _Look, index: int, image: np.ndarray, event: int, boxes: Sequence[Box], step: int
) -> None:
    w = look.window
    contact = index in contact_frames(event, step)
    empty = index < len(boxes) and background.disjoint(boxes[index], w)
    if w.width_px < 8 or w.height_px < 8 or not (contact or empty):
        return
    crop = image[w.y_px : w.y_px + w.height_px, w.x_px : w.x_px + w.width_px].copy()
    if contact:
        look.contact[index] = crop
    else:
        look.empty[index] = crop


@dataclass(frozen=True, eq=False)
class _Scene:
    """One push-off's pictures, enlarged, beside the empty place."""

    look: _Look
    scale: float
    pictures: list[np.ndarray]
    """Of the contact, latest first."""
    place: np.ndarray
    noise: np.ndarray

    @staticmethod
    def of(event: int, look: _Look, views: Mapping[int, np.ndarray]) -> "_Scene | None":
        """Every picture laid over the event's; None without it or without an empty place."""
        if event not in look.contact or not look.empty:
            return None
        now = look.contact[event]

        def laid(crops: Mapping[int, np.ndarray], indices: Iterable[int]) -> list[np.ndarray]:
            every = (
                background.laid_over(
                    crops[i], now, (views[i], views[event]), look.window, look.width_px
                )
                for i in indices
            )
            return [one for one in every if one is not None]

        before = sorted((index for index in look.contact if index != event), reverse=True)
        pictures = [now, *laid(look.contact, before)]
        nearest = sorted(look.empty, key=lambda index: abs(index - event))[:_SPREAD]
        found = background.empty_place(laid(look.empty, nearest), now)
        if found is None:
            return None
        scale = max(_WORK_PX / look.height_px, 1.0)
        place, noise = found
        return _Scene(
            look,
            scale,
            [background.resize(one, scale) for one in pictures],
            background.resize(place, scale),
            background.resize(noise, scale),
        )

    @property
    def height(self) -> float:
        """The athlete's, in enlarged pixels."""
        return self.look.height_px * self.scale

    def low_ratios(self) -> np.ndarray:
        """(M, 3) of what stands out in the lower half, where shadows lie."""
        out = background.standing_out(self.pictures[0], self.place, self.noise)
        out = background.remove_small(out, self.height)
        ratio = background.log_ratio(self.pictures[0], self.place)
        half = len(out) // 2
        return ratio[half:][out[half:]]

    def outline(self, picture: np.ndarray, core: np.ndarray | None, width: float) -> np.ndarray:
        """(h, w) uint8 mask of the legs without their shadow, enlarged pixels."""
        out = background.standing_out(picture, self.place, self.noise)
        ratio = background.log_ratio(picture, self.place)
        return background.leg_mask(out, background.in_shadow(ratio, core, width), self.height)

    def candidates(self, core: np.ndarray | None, direction: str | None) -> np.ndarray:
        """(K, 2) toes in full-size pixels: by each picture, with less and more taken for shadow."""
        forward = {"right": 1, "left": -1}.get(direction, 0)
        w, points = self.look.window, []
        for picture in self.pictures:
            for width in _WIDTHS:
                point = self._lowest(self.outline(picture, core, width), direction)
                if point is not None:
                    x, y = ((value + 0.5) / self.scale - 0.5 for value in point)
                    points.append((w.x_px + x - forward * _HALO_PX, w.y_px + y - _HALO_PX))
        return np.array(points).reshape(-1, 2)

    def _lowest(self, mask: np.ndarray, direction: str | None) -> tuple[float, float] | None:
        """Front end of the lowest part of an outline, enlarged pixels."""
        if mask.sum() < 0.02 * self.height**2:
            return None
        thighs = mask[: round(background.THIGHS * self.height)].sum(0, dtype=float)
        if not thighs.any():
            return None
        hips = round(float((thighs * np.arange(len(thighs))).sum() / thighs.sum()))
        mask = mask.copy()
        if direction == "right":  # whoever pushes off has the foot behind the hips
            mask[:, hips + 1 :] = 0
        elif direction == "left":
            mask[:, :hips] = 0
        rows = np.flatnonzero(mask.sum(1) >= max(0.008 * self.height, 1))
        if len(rows) == 0:
            return None
        low = int(rows[-1])
        strip = mask[max(low - round(_STRIP * self.height), 0) : low + 1]
        columns = np.flatnonzero(strip.any(0))
        x = {"right": columns[-1], "left": columns[0]}.get(direction, columns.mean())
        return float(x), float(low)
