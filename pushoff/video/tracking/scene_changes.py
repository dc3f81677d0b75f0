"""Interruptions of a video: black, blank or frozen stretches, cuts, bumps. Door: cv2."""

from dataclasses import dataclass

import cv2
import numpy as np

from pushoff.video.tracking.camera_motion import candidate_motions
from pushoff.video.tracking.stabilization import estimate_motion

_WIDTH_PX = 96
_BLACK_LEVEL = 20.0
"""Mean grey level (of 255) of a black image; video black is 16."""
_BLANK_SPREAD = 4.0
"""Standard deviation of grey levels below which an image shows nothing, whatever its brightness:
one shade, or noise, which the shrunk image evens out."""
_REPEAT_CHANGE = 0.02
"""Mean change in grey levels between a frozen frame and the next; a filmed one has noise."""
_MIN_FROZEN_FRAMES = 15
"""A slowed video repeats a few frames; half a second at 30/s is a frozen image."""
_SUDDEN_CHANGE = 5.0
"""A sudden change is this many times the video's usual one."""
_MIN_SUPPORT = 4.0
"""Support of a motion between two frames of one scene: 5 and more in neighbouring frames of the
shared panning videos, 0 between videos of different places."""
_BUMP = 0.05
"""Share of the width by which an image jumps when the camera is pushed aside; smaller jolts are
stabilized where the athlete is tracked."""


@dataclass(frozen=True)
class SceneChanges:
    """What interrupts a video. Frames are zero-based; stretches are (first, last), inclusive."""

    black: tuple[tuple[int, int], ...]
    blank: tuple[tuple[int, int], ...]
    """Not black, but without any contrast."""
    frozen: tuple[tuple[int, int], ...]
    """From the first repeat on, without the frame that is repeated."""
    cuts: tuple[int, ...]
    """First frame of each new scene."""
    bumps: tuple[int, ...]
    """First frame after the camera was pushed aside: the same scene from another position."""

    def unusable(self, count: int) -> np.ndarray:
        """(count,) bool: frames that show nothing new of the athlete."""
        flags = np.zeros(count, bool)
        for first, last in (*self.black, *self.blank, *self.frozen):
            flags[first : last + 1] = True
        return flags


def find_scene_changes(images: np.ndarray) -> SceneChanges:
    """What interrupts the video of these (N, h, w) uint8 images."""
    count, height, width = images.shape
    size = (min(_WIDTH_PX, width), max(height * min(_WIDTH_PX, width) // width, 4))
    black, dark, changes = np.zeros(count, bool), np.zeros(count, bool), np.zeros(count)
    previous = None
    for index, image in enumerate(images):
        thumbnail = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        black[index] = thumbnail.mean() < _BLACK_LEVEL
        dark[index] = black[index] or thumbnail.std() < _BLANK_SPREAD
        if previous is not None:
            changes[index] = cv2.absdiff(thumbnail, previous).mean()
        previous = thumbnail
    usable = changes[~dark & ~np.roll(dark, 1) & (changes > 10 * _REPEAT_CHANGE)]
    usual = float(np.median(usable)) if len(usable) else 0.0
    frozen = _frozen(changes, dark, usual)
    cuts, bumps = _cuts_and_bumps(images, dark, changes, usual)
    return SceneChanges(_stretches(black), _stretches(dark & ~black), frozen, cuts, bumps)


def _frozen(changes: np.ndarray, dark: np.ndarray, usual: float) -> tuple[tuple[int, int], ...]:
    """Stretches in which the same frame is repeated.

    An empty scene is still too, but there motion fades out and in; a frozen video begins or ends
    with a large change.
    """
    repeated = (changes < _REPEAT_CHANGE) & ~dark
    repeated[0] = False
    frozen = []
    for first, last in _stretches(repeated):
        edges = [*changes[first - 1 : first], *changes[last + 1 : last + 2]]
        if last - first + 1 >= _MIN_FROZEN_FRAMES and max(edges) > max(0.5 * usual, 0.1):
            frozen.append((first, last))
    return tuple(frozen)


def _stretches(flags: np.ndarray) -> tuple[tuple[int, int], ...]:
    """(first, last) of each unbroken run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return tuple((int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True))


def _cuts_and_bumps(
    images: np.ndarray,
    dark: np.ndarray,
    changes: np.ndarray,
    usual: float,
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(cuts, bumps): sudden changes to another scene, and those of a camera that was pushed."""
    usable = np.flatnonzero(~dark & ~np.roll(dark, 1))
    threshold = max(_SUDDEN_CHANGE * usual, 4.0)
    pairs = [
        (int(frame) - 1, int(frame)) for frame in usable if frame and changes[frame] > threshold
    ]
    pairs += [
        (first - 1, last + 1)
        for first, last in _stretches(dark)
        if first > 0 and last + 1 < len(images)
    ]
    middle = np.array([images.shape[2] / 2, images.shape[1] / 2, 1.0])
    cuts, bumps = [], []
    for before, after in sorted(pairs, key=lambda pair: pair[1]):
        motion = estimate_motion(images[before], images[after])
        if motion is None:
            candidates = candidate_motions(images[before], images[after])
            if max(support for _, support in candidates) < _MIN_SUPPORT:
                cuts.append(after)
        elif np.hypot(*(motion @ middle - middle)[:2]) > _BUMP * images.shape[2]:
            bumps.append(after)
    return tuple(cuts), tuple(bumps)
