"""Where the athlete is in each frame of a video, fixed camera or panning. Door: cv2.

The one who travels over the ground is the athlete. What the camera sees without them is then
known, and so is their outline, also while they wait for the start.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from pushoff.util.smoothing import gaussian_smooth
from pushoff.values import Box
from pushoff.video.tracking.fixed_camera import track_fixed_camera
from pushoff.video.tracking.panning_camera import track_panning_camera
from pushoff.video.tracking.scene_changes import Continuity, find_scene_changes
from pushoff.video.tracking.track import Sighting

WORK_WIDTH_PX = 320
"""Pictures are shrunk to this width; a 2.7K video's runner is then about 40 px tall."""
_FILLS = 0.7
"""Share of the box's height that the athlete fills, head to toe."""
_FEWEST = 8
"""Frames of one scene in which somebody can be followed."""


@dataclass(frozen=True)
class AthleteTrack:
    """One box per frame."""

    boxes: tuple[Box, ...]
    """In full-size pixels: square where the picture allows, one size for each scene of the video;
    with a zooming camera the size changes slowly. The athlete is centred and, running, fills
    about 70 % of the height."""
    found: tuple[bool, ...]
    """False: nobody seen in this frame; its box is the nearest frame's, or the whole frame."""
    centres_px: np.ndarray
    """(N, 2) float: middle of the athlete's outline by mass, full-size pixels, lightly smoothed,
    with a fixed camera's sway taken out."""
    full_size: tuple[int, int]
    """(W, H) pixels of the video."""
    note: str
    """One sentence for the person who uploaded the video."""
    camera: str = "unknown"
    """fixed, panning, or unknown when nobody could be followed."""
    direction: str | None = None
    """left or right: which way over the ground the athlete travels; None when not known."""
    warnings: tuple[str, ...] = ()
    """What a coach should know before trusting anything made from this video, a sentence each."""
    cuts: tuple[int, ...] = ()
    """First frames of new scenes: what lies before and after one is not one run."""
    drift_px: np.ndarray | None = None
    """(N, 2) how far a panning camera has moved over the ground, full-size pixels; None: fixed."""

    def camera_shift_px(self, frame: int, other: int) -> tuple[float, float]:
        """Where a thing on the ground of one frame lies in a near one, in pixels from there."""
        if self.drift_px is None:
            return 0.0, 0.0
        x, y = self.drift_px[frame] - self.drift_px[other]
        return float(x), float(y)


@dataclass(frozen=True)
class _Scene:
    """One unbroken view, its sighting and where it starts in the video."""

    start: int
    count: int
    seen: Sighting | None


def find_athlete(
    gray: np.ndarray, full_size: tuple[int, int], times_s: np.ndarray | None = None
) -> AthleteTrack:
    """Track the athlete through (N, h, w) uint8 pictures of a video of (W, H) pixels.

    Where nobody travels the boxes are the whole frame and the note says so. `times_s` (N,) lets
    the warnings name seconds; without it they name frames.
    """
    small = _shrunk(gray)
    if len(small) < _FEWEST:
        many = f"{len(small)} frame" + "s" * (len(small) != 1)
        told = (f"This video has only {many}: too short to find push-offs in.",)
        track = _whole_frame(len(small), full_size, "the video is too short")
        return replace(track, warnings=told)
    breaks = find_scene_changes(small)
    blind = breaks.blind(len(small))
    edges = [0, *sorted({*breaks.cuts, *breaks.bumps}), len(small)]
    scenes = [_Scene(a, b - a, _sighted(small[a:b], blind[a:b])) for a, b in pairwise(edges)]
    knocks = [s.start + at for s in scenes if s.seen for at in s.seen.knocks]
    warnings = _told(replace(breaks, bumps=tuple(sorted([*breaks.bumps, *knocks]))), times_s)
    known = [scene for scene in scenes if scene.seen and scene.seen.found.any()]
    if not known:
        why = next((s.seen.note for s in scenes if s.seen), "no part of the video is long enough")
        track = _whole_frame(len(small), full_size, why)
        told = (*warnings, f"No athlete: {why}.")
        return replace(track, warnings=told, cuts=breaks.cuts)
    main = max(known, key=lambda scene: int(scene.seen.found.sum()))
    extra = tuple(dict.fromkeys(text for scene in known for text in scene.seen.warnings))
    boxes, found, centres = [], [], np.tile(np.array(full_size, float) / 2, (len(small), 1))
    scale = full_size[0] / small.shape[2]
    for scene in scenes:
        if scene not in known:
            boxes += [Box(0, 0, *full_size)] * scene.count
            found += [False] * scene.count
            continue
        placed, fine = _placed(scene.seen, full_size, scale)
        boxes += placed
        found += [bool(one) for one in scene.seen.found]
        centres[scene.start : scene.start + scene.count] = fine
    note = f"athlete found in {sum(found)} of {len(found)} frames"
    return AthleteTrack(
        tuple(boxes),
        tuple(found),
        centres,
        full_size,
        note,
        main.seen.camera,
        main.seen.direction,
        (*warnings, *extra),
        breaks.cuts,
        _drift(scenes, scale, len(small)),
    )


def _drift(scenes: list[_Scene], scale: float, count: int) -> np.ndarray | None:
    """(count, 2) of every scene in turn, full-size pixels; None when no camera pans."""
    if not any(scene.seen and scene.seen.drift is not None for scene in scenes):
        return None
    drift = np.zeros((count, 2))
    for scene in scenes:
        if scene.seen and scene.seen.drift is not None:
            drift[scene.start : scene.start + scene.count] = scene.seen.drift * scale
    return drift


def _shrunk(gray: np.ndarray) -> np.ndarray:
    """(N, h, w) uint8 at the working width, one frame at a time: a video may exceed memory."""
    width = min(gray.shape[2], WORK_WIDTH_PX)
    height = max(round(gray.shape[1] * width / gray.shape[2]), 8)
    small = np.empty((len(gray), height, width), np.uint8)
    for index, picture in enumerate(gray):
        small[index] = cv2.resize(
            np.ascontiguousarray(picture), (width, height), interpolation=cv2.INTER_AREA
        )
    return small


def _sighted(small: np.ndarray, blind: np.ndarray) -> Sighting | None:
    """Somebody followed through the frames of one scene that can be seen; None when too short."""
    lit = np.flatnonzero(~blind)
    if len(lit) < _FEWEST:
        return None
    pictures = small if len(lit) == len(small) else small[lit]
    seen = track_fixed_camera(pictures, lit)
    if seen is None or not seen.found.any():  # a camera may follow a large athlete unnoticed
        panned = track_panning_camera(pictures)
        seen = panned if seen is None or panned.found.any() else seen
    return seen.spread(lit, len(small)) if len(lit) < len(small) else seen


def _told(breaks: Continuity, times_s: np.ndarray | None) -> tuple[str, ...]:
    """A sentence for each thing that interrupts the video."""

    def when(frame: int) -> str:
        return f"frame {frame}" if times_s is None else f"{times_s[frame]:.2f} s"

    texts = [
        f"The picture is black from {when(a)} to {when(b)}; nothing is read there."
        for a, b in breaks.black
    ]
    texts += [
        f"The picture shows nothing (one shade, or noise) from {when(a)} to {when(b)}; nothing is "
        "read there."
        for a, b in breaks.blank
    ]
    texts += [
        f"The picture stands still from {when(a)} to {when(b)}; nothing is read there."
        for a, b in breaks.frozen
    ]
    texts += [
        f"The video is cut at frame {at}"
        + ("" if times_s is None else f" ({when(at)})")
        + "; what lies before and after is not one run."
        for at in breaks.cuts
    ]
    texts += [
        f"The camera was bumped at {when(at)}; places before and after do not compare."
        for at in breaks.bumps
    ]
    return tuple(texts)


def _placed(
    seen: Sighting, full_size: tuple[int, int], scale: float
) -> tuple[list[Box], np.ndarray]:
    """Square boxes about the outlines, and the (N, 2) middles of mass, in full-size pixels."""
    count, found = len(seen.bounds), seen.found
    index = np.arange(count)
    bounds = np.stack(
        [np.interp(index, index[found], seen.bounds[found, side]) for side in range(6)], axis=1
    )
    centres = np.stack([bounds[:, (0, 2)].mean(1), bounds[:, (1, 3)].mean(1)], axis=1)
    fine = gaussian_smooth(bounds[:, 4:], max(count / 400, 0.6)) * scale
    calm = seen.as_filmed(gaussian_smooth(centres, max(count / 120, 1.0))) * scale
    sides = np.clip(seen.height_px * seen.zoom * scale / _FILLS, 8, min(full_size))
    sides = np.broadcast_to(sides, count)
    boxes = []
    for (x, y), size in zip(calm, sides, strict=True):
        side = round(float(size))
        left = int(np.clip(round(x - side / 2), 0, full_size[0] - side))
        top = int(np.clip(round(y - side / 2), 0, full_size[1] - side))
        boxes.append(Box(left, top, side, side))
    return boxes, fine


def _whole_frame(count: int, full_size: tuple[int, int], note: str) -> AthleteTrack:
    box = Box(0, 0, *full_size)
    centre = np.tile(np.array(full_size, float) / 2, (count, 1))
    return AthleteTrack((box,) * count, (False,) * count, centre, full_size, note)
