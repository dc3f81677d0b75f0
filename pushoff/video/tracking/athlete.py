"""Where the athlete is in each frame of a video, with a fixed or panning camera. Door: cv2.

The person who travels over the ground is the athlete. Once that is known, the background without
them is known too, and so is their outline, also while they wait for the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from pushoff.util.smoothing import gaussian_smooth
from pushoff.values import Box
from pushoff.video.tracking.fixed_camera import track_fixed_camera
from pushoff.video.tracking.panning_camera import track_panning_camera
from pushoff.video.tracking.scene_changes import SceneChanges, find_scene_changes
from pushoff.video.tracking.track import SceneTrack

TRACKING_WIDTH_PX = 320
"""Images are shrunk to this width; a 2.7K video's runner is then about 40 px tall."""
HEIGHT_IN_BOX = 0.7
"""The athlete's height, head to toe, as a share of the box's side."""
_MIN_FRAMES = 8
"""Frames of one scene in which somebody can be tracked."""


@dataclass(frozen=True, eq=False)
class AthleteTrack:
    """One box per frame of a video of N frames."""

    boxes: tuple[Box, ...]
    """In full-size pixels: square where the image allows, one size for each scene of the video.
    The athlete is centred and, running, fills about 70 % of the height."""
    found: tuple[bool, ...]
    """False: nobody seen in this frame; its box is the nearest frame's, or the whole frame."""
    centres_px: np.ndarray
    """(N, 2) float: centre of mass of the athlete's outline, full-size pixels, lightly smoothed,
    with a fixed camera's sway taken out."""
    full_size: tuple[int, int]
    """(W, H) pixels of the video."""
    note: str
    """One sentence for the person who uploaded the video."""
    camera: str = "unknown"
    """fixed, panning, or unknown when nobody could be tracked."""
    direction: str | None = None
    """left or right: which way over the ground the athlete travels; None when not known."""
    warnings: tuple[str, ...] = ()
    """What a coach should know before trusting anything made from this video, a sentence each."""
    cuts: tuple[int, ...] = ()
    """First frames of new scenes: what lies before and after one is not one run."""
    drift_px: np.ndarray | None = None
    """(N, 2) how far a panning camera has moved over the ground, full-size pixels; None: fixed."""

    def camera_shift_px(self, frame: int, other: int) -> tuple[float, float]:
        """How far a point on the ground moves in the image from one frame to a near one: x, y."""
        if self.drift_px is None:
            return 0.0, 0.0
        x, y = self.drift_px[frame] - self.drift_px[other]
        return float(x), float(y)


@dataclass(frozen=True, eq=False)
class _TrackedScene:
    """One unbroken scene in which somebody was found."""

    start: int
    """Its first frame in the video."""
    track: SceneTrack

    @property
    def frames(self) -> slice:
        """Its frames in the video."""
        return slice(self.start, self.start + len(self.track.bounds))


def find_athlete(
    gray: np.ndarray, full_size: tuple[int, int], times_s: np.ndarray | None = None
) -> AthleteTrack:
    """Track the athlete through (N, h, w) uint8 images of a video of (W, H) pixels.

    Where nobody travels the boxes are the whole frame and the note says so. `times_s` (N,) lets
    the warnings name seconds; without it they name frames.
    """
    count = len(gray)
    if count < _MIN_FRAMES:
        frames = f"{count} frame" + "s" * (count != 1)
        warning = f"This video is too short to analyse: it has only {frames}."
        nobody = _whole_frame(count, full_size, "the video is too short")
        return replace(nobody, warnings=(warning,))
    images = _shrink(gray)
    changes = find_scene_changes(images)
    unusable = changes.unusable(count)
    edges = [0, *sorted({*changes.cuts, *changes.bumps}), count]
    tracks = [
        (start, track)
        for start, stop in pairwise(edges)
        if (track := _track_scene(images[start:stop], unusable[start:stop])) is not None
    ]
    jolts = [start + frame for start, track in tracks for frame in track.jolts]
    changes = replace(changes, bumps=tuple(sorted([*changes.bumps, *jolts])))
    warnings = _interruption_warnings(changes, times_s)
    scenes = [_TrackedScene(start, track) for start, track in tracks if track.found.any()]
    if not scenes:
        note = tracks[0][1].note if tracks else "no part of the video is long enough"
        nobody = _whole_frame(count, full_size, note)
        return replace(
            nobody, warnings=(*warnings, f"No athlete found: {note}."), cuts=changes.cuts
        )
    boxes = [Box(0, 0, *full_size)] * count
    found = np.zeros(count, bool)
    centres = np.tile(np.array(full_size, float) / 2, (count, 1))
    scale = full_size[0] / images.shape[2]
    for scene in scenes:
        boxes[scene.frames], centres[scene.frames] = _boxes(scene.track, full_size, scale)
        found[scene.frames] = scene.track.found
    main = max(scenes, key=lambda scene: int(scene.track.found.sum())).track
    tracking_warnings = dict.fromkeys(text for scene in scenes for text in scene.track.warnings)
    return AthleteTrack(
        boxes=tuple(boxes),
        found=tuple(found.tolist()),
        centres_px=centres,
        full_size=full_size,
        note=f"athlete found in {found.sum()} of {count} frames",
        camera=main.camera,
        direction=main.direction,
        warnings=(*warnings, *tracking_warnings),
        cuts=changes.cuts,
        drift_px=_drift(tracks, scale, count),
    )


def _drift(tracks: Sequence[tuple[int, SceneTrack]], scale: float, count: int) -> np.ndarray | None:
    """(count, 2) of every scene in turn, full-size pixels; None when no camera pans."""
    drift = None
    for start, track in tracks:
        if track.drift is not None:
            drift = np.zeros((count, 2)) if drift is None else drift
            drift[start : start + len(track.drift)] = track.drift * scale
    return drift


def _shrink(gray: np.ndarray) -> np.ndarray:
    """(N, h, w) uint8 at the tracking width, one frame at a time: a video may exceed memory."""
    width = min(gray.shape[2], TRACKING_WIDTH_PX)
    height = max(round(gray.shape[1] * width / gray.shape[2]), 8)
    images = np.empty((len(gray), height, width), np.uint8)
    for index, image in enumerate(gray):
        images[index] = cv2.resize(
            np.ascontiguousarray(image), (width, height), interpolation=cv2.INTER_AREA
        )
    return images


def _track_scene(images: np.ndarray, unusable: np.ndarray) -> SceneTrack | None:
    """The person tracked through the usable frames of one scene; None when it is too short."""
    usable = np.flatnonzero(~unusable)
    if len(usable) < _MIN_FRAMES:
        return None
    count = len(images)
    images = images if len(usable) == count else images[usable]
    track = track_fixed_camera(images, usable)
    if track is None or not track.found.any():  # a camera may follow a large athlete unnoticed
        panning = track_panning_camera(images)
        track = panning if track is None or panning.found.any() else track
    return track.expanded(usable, count) if len(usable) < count else track


def _interruption_warnings(changes: SceneChanges, times_s: np.ndarray | None) -> tuple[str, ...]:
    """A sentence for each thing that interrupts the video."""

    def when(frame: int) -> str:
        return f"frame {frame}" if times_s is None else f"{times_s[frame]:.2f} s"

    texts = [
        f"The video is black from {when(first)} to {when(last)}. This part was not analysed."
        for first, last in changes.black
    ]
    texts += [
        f"The video is blank (a single colour, or noise) from {when(first)} to {when(last)}. This "
        "part was not analysed."
        for first, last in changes.blank
    ]
    texts += [
        f"The video is frozen from {when(first)} to {when(last)}. This part was not analysed."
        for first, last in changes.frozen
    ]
    texts += [
        f"There is a cut at frame {frame}"
        + ("" if times_s is None else f" ({when(frame)})")
        + ". The parts before and after it are not treated as one run."
        for frame in changes.cuts
    ]
    texts += [
        f"The camera was bumped at {when(frame)}; positions before and after it cannot be compared."
        for frame in changes.bumps
    ]
    return tuple(texts)


def _boxes(
    track: SceneTrack, full_size: tuple[int, int], scale: float
) -> tuple[list[Box], np.ndarray]:
    """Square boxes around the outlines, and the (N, 2) centres of mass, in full-size pixels."""
    count, found = len(track.bounds), track.found
    frames = np.arange(count)
    bounds = np.stack(
        [np.interp(frames, frames[found], track.bounds[found, side]) for side in range(6)], axis=1
    )
    middles = np.stack([bounds[:, (0, 2)].mean(1), bounds[:, (1, 3)].mean(1)], axis=1)
    centres = gaussian_smooth(bounds[:, 4:], max(count / 400, 0.6)) * scale
    box_middles = track.as_filmed(gaussian_smooth(middles, max(count / 120, 1.0))) * scale
    size = float(np.clip(track.height_px * scale / HEIGHT_IN_BOX, 8, min(full_size)))
    side = round(size)
    boxes = []
    for x, y in box_middles:
        left = int(np.clip(round(x - side / 2), 0, full_size[0] - side))
        top = int(np.clip(round(y - side / 2), 0, full_size[1] - side))
        boxes.append(Box(left, top, side, side))
    return boxes, centres


def _whole_frame(count: int, full_size: tuple[int, int], note: str) -> AthleteTrack:
    box = Box(0, 0, *full_size)
    centre = np.tile(np.array(full_size, float) / 2, (count, 1))
    return AthleteTrack((box,) * count, (False,) * count, centre, full_size, note)
