"""Whether a film looks like those a model learnt from: elsewhere it is right less often.

A few descriptions of each training film are kept, and a film is as far from them as its usual
frame is from the nearest. How far is too far is learnt by measuring each training film against
those of the other groups. Measured on the shared clips (ResNet18, colours): 11 sprint clips 0.74
to 1.05, limit 1.22, none beyond it when each was left out in turn (limits 1.13 to 1.35); films of
other places 1.41 to 1.73: two triple jumps, a runner, two sprint starts elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.learning.event.video_features import VIEWS, Film

VIEW = "colours"
"""The view that shows place and clothes; motion and rise separate less."""
KEPT = 32
"""Frames kept of each training film; 16 and 400 separate as well."""
LOOKED_AT = 200
"""Frames of a film that are compared, evenly spread."""
FEWEST = 4
"""Films that say how far is usual; with fewer nothing is said of a film."""
TOO_FAR = 3.0
"""Robust standard deviations above the median: about one film in a thousand of a normal spread."""
_ROBUST = 1.4826
"""From the median absolute deviation to the standard deviation of a normal spread."""


@dataclass(frozen=True, eq=False)
class Familiar:
    """What the training films look like."""

    frames: np.ndarray
    """(M, D) float16 descriptions, KEPT of each film."""
    limit: float | None
    """Films farther away than this are unlike; None: too few films to tell."""

    def is_unlike(self, film: Film) -> bool:
        """Whether a film is unlike the training films; False where that cannot be told."""
        if self.limit is None or not film.athlete.any():
            return False
        return distance(film, self.frames) > self.limit


NOTHING = Familiar(np.zeros((0, VIEWS[VIEW]), np.float16), None)
"""Of a model that keeps no descriptions."""


def familiar_with(films: Sequence[tuple[str, Film]]) -> Familiar:
    """What (group, film) pairs look like; films of one group are never compared with each other."""
    kept = [(group, film, _spread(_described(film)[0], KEPT)) for group, film in films]
    kept = [one for one in kept if len(one[2])]
    if not kept:
        return NOTHING
    far = []
    for group, film, _ in kept:
        others = [frames for other, _, frames in kept if other != group]
        if others:
            far.append(distance(film, np.concatenate(others)))
    limit = None
    if len(far) >= FEWEST:
        usual = float(np.median(far))
        limit = usual + TOO_FAR * _ROBUST * float(np.median(np.abs(np.array(far) - usual)))
    return Familiar(np.concatenate([frames for *_, frames in kept]), limit)


def distance(film: Film, frames: np.ndarray) -> float:
    """From the film's usual frame with the athlete to the nearest of (M, D) `frames`.

    Root mean square over the D numbers, each in standard deviations of `frames`; the less of the
    film and its mirror image, where it was described both ways.
    """
    known = frames.astype(np.float32)
    mean, scale = known.mean(0), known.std(0) + 1e-3
    known = (known - mean) / scale
    ways = []
    for described in _described(film):
        seen = (_spread(described, LOOKED_AT).astype(np.float32) - mean) / scale
        apart = (seen**2).sum(1)[:, None] + (known**2).sum(1)[None] - 2 * seen @ known.T
        ways.append(float(np.median(np.sqrt(np.maximum(apart, 0).min(1) / known.shape[1]))))
    return min(ways)


def _described(film: Film) -> list[np.ndarray]:
    """(n, D) of the frames with the athlete, in every way the film was described."""
    return [views[VIEW][film.athlete] for views in film.described.values()]


def _spread(frames: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of them, evenly spread."""
    if len(frames) <= count:
        return frames
    return frames[np.linspace(0, len(frames) - 1, count).round().astype(int)]
