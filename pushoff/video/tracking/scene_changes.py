"""Whether a video is one unbroken view: black, blank or frozen stretches, cuts, bumps. Door: cv2."""

from dataclasses import dataclass

import cv2
import numpy as np

from pushoff.video.tracking.camera_motion import possible_moves
from pushoff.video.tracking.stabilization import estimate_motion

_WIDTH_PX = 96
_BLACK = 20.0
"""Mean grey level (of 255) of a black picture; video black is 16."""
_FLAT = 4.0
"""Spread of grey levels below which a picture shows nothing, whatever its brightness: one shade,
or noise, which the shrunk picture evens out."""
_SAME = 0.02
"""Mean change in grey levels between a frozen picture and its next; a filmed one has noise."""
_FROZEN_FRAMES = 15
"""Repeats of a slowed video are a few frames; half a second at 30/s is a picture that stands."""
_JUMP = 5.0
"""A sudden change is this many times the video's usual one."""
_RELATED = 4.0
"""Places of the picture that agree on a motion when two frames show one place: 5 and more in
neighbouring frames of the shared panning videos, 0 between videos of different places."""
_BUMP = 0.05
"""Share of the width by which a picture jumps when the camera is pushed aside; smaller knocks are
steadied where the athlete is looked for."""


@dataclass(frozen=True)
class Continuity:
    """What interrupts a video. Frames are zero-based; stretches are (first, last), inclusive."""

    black: tuple[tuple[int, int], ...]
    blank: tuple[tuple[int, int], ...]
    """Not black, and nothing to be told apart either."""
    frozen: tuple[tuple[int, int], ...]
    """From the first repeat on; the frame repeated is not part of it."""
    cuts: tuple[int, ...]
    """First frame of each new scene."""
    bumps: tuple[int, ...]
    """First frame after the camera was pushed aside: the same place, seen from elsewhere."""

    def blind(self, count: int) -> np.ndarray:
        """(count,) bool: frames that show nothing new of the athlete."""
        hidden = np.zeros(count, bool)
        for first, last in (*self.black, *self.blank, *self.frozen):
            hidden[first : last + 1] = True
        return hidden


def find_scene_changes(small: np.ndarray) -> Continuity:
    """What interrupts (N, h, w) uint8 pictures of one video."""
    count, height, width = small.shape
    size = (min(_WIDTH_PX, width), max(height * min(_WIDTH_PX, width) // width, 4))
    black, dark, changes = np.zeros(count, bool), np.zeros(count, bool), np.zeros(count)
    last = None
    for index, picture in enumerate(small):
        tiny = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        black[index] = tiny.mean() < _BLACK
        dark[index] = black[index] or tiny.std() < _FLAT
        if last is not None:
            changes[index] = cv2.absdiff(tiny, last).mean()
        last = tiny
    lit = changes[~dark & ~np.roll(dark, 1) & (changes > 10 * _SAME)]
    usual = float(np.median(lit)) if len(lit) else 0.0
    frozen = _frozen(changes, dark, usual)
    cuts, bumps = _breaks(small, dark, changes, usual)
    return Continuity(stretches(black), stretches(dark & ~black), frozen, cuts, bumps)


def _frozen(changes: np.ndarray, dark: np.ndarray, usual: float) -> tuple[tuple[int, int], ...]:
    """Stretches in which the video stands. An empty place stands too: there motion ebbs away and
    comes back softly, where a video stops it breaks off or jumps."""
    same = (changes < _SAME) & ~dark
    same[0] = False
    kept = []
    for first, last in stretches(same):
        around = [*changes[first - 1 : first], *changes[last + 1 : last + 2]]
        if last - first + 1 >= _FROZEN_FRAMES and max(around) > max(0.5 * usual, 0.1):
            kept.append((first, last))
    return tuple(kept)


def stretches(flags: np.ndarray) -> tuple[tuple[int, int], ...]:
    """(first, last) of each unbroken run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return tuple((int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True))


def _breaks(
    small: np.ndarray,
    dark: np.ndarray,
    changes: np.ndarray,
    usual: float,
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(cuts, bumps): sudden changes that are another scene, and those that are a push."""
    lit = np.flatnonzero(~dark & ~np.roll(dark, 1))
    sudden = [int(at) for at in lit if at and changes[at] > max(_JUMP * usual, 4.0)]
    pairs = [(at - 1, at) for at in sudden]
    pairs += [(a - 1, b + 1) for a, b in stretches(dark) if a > 0 and b + 1 < len(small)]
    middle = np.array([small.shape[2] / 2, small.shape[1] / 2, 1.0])
    cuts, bumps = [], []
    for before, after in sorted(pairs, key=lambda pair: pair[1]):
        move = estimate_motion(small[before], small[after])
        if move is None:
            options = possible_moves(small[before], small[after])
            if max(agreeing for _, agreeing in options) < _RELATED:
                cuts.append(after)
        elif np.hypot(*(move @ middle - middle)[:2]) > _BUMP * small.shape[2]:
            bumps.append(after)
    return tuple(cuts), tuple(bumps)
