"""Whether a video looks like those a model learnt from: elsewhere it is right less often.

A few descriptions of each training video are kept, and a video is as far from them as its usual
frame is from the nearest. How far is too far is learnt by measuring each training video against
those of the other groups. Measured on the shared clips (ResNet18, colours): 11 sprint clips 0.74
to 1.05, limit 1.22, none beyond it when each was left out in turn (limits 1.13 to 1.35); videos of
other places 1.41 to 1.73: two triple jumps, a runner, two sprint starts elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.learning.event.video_features import VIEWS, VideoFeatures

VIEW = "colours"
"""The view that shows place and clothes; motion and rise separate less."""
KEPT = 32
"""Frames kept of each training video; 16 and 400 separate as well."""
LOOKED_AT = 200
"""Frames of a video that are compared, evenly spread."""
FEWEST = 4
"""Videos that say how far is usual; with fewer nothing is said of a video."""
TOO_FAR = 3.0
"""Robust standard deviations above the median: about one video in a thousand of a normal spread."""
_ROBUST = 1.4826
"""From the median absolute deviation to the standard deviation of a normal spread."""


@dataclass(frozen=True, eq=False)
class NoveltyDetector:
    """What the training videos look like."""

    frames: np.ndarray
    """(M, D) float16 descriptions, KEPT of each video."""
    limit: float | None
    """Videos farther away than this are unlike; None: too few videos to tell."""

    def is_unlike(self, video: VideoFeatures) -> bool:
        """Whether a video is unlike the training videos; False where that cannot be told."""
        if self.limit is None or not video.athlete.any():
            return False
        return distance(video, self.frames) > self.limit


NOTHING = NoveltyDetector(np.zeros((0, VIEWS[VIEW]), np.float16), None)
"""Of a model that keeps no descriptions."""


def fit_novelty_detector(videos: Sequence[tuple[str, VideoFeatures]]) -> NoveltyDetector:
    """What (group, video) pairs look like; videos of one group are never compared with each other."""
    kept = [(group, video, _spread(_described(video)[0], KEPT)) for group, video in videos]
    kept = [one for one in kept if len(one[2])]
    if not kept:
        return NOTHING
    far = []
    for group, video, _ in kept:
        others = [frames for other, _, frames in kept if other != group]
        if others:
            far.append(distance(video, np.concatenate(others)))
    limit = None
    if len(far) >= FEWEST:
        usual = float(np.median(far))
        limit = usual + TOO_FAR * _ROBUST * float(np.median(np.abs(np.array(far) - usual)))
    return NoveltyDetector(np.concatenate([frames for *_, frames in kept]), limit)


def distance(video: VideoFeatures, frames: np.ndarray) -> float:
    """From the video's usual frame with the athlete to the nearest of (M, D) `frames`.

    Root mean square over the D numbers, each in standard deviations of `frames`; the less of the
    video and its mirror image, where it was described both ways.
    """
    known = frames.astype(np.float32)
    mean, scale = known.mean(0), known.std(0) + 1e-3
    known = (known - mean) / scale
    ways = []
    for described in _described(video):
        seen = (_spread(described, LOOKED_AT).astype(np.float32) - mean) / scale
        apart = (seen**2).sum(1)[:, None] + (known**2).sum(1)[None] - 2 * seen @ known.T
        ways.append(float(np.median(np.sqrt(np.maximum(apart, 0).min(1) / known.shape[1]))))
    return min(ways)


def _described(video: VideoFeatures) -> list[np.ndarray]:
    """(n, D) of the frames with the athlete, in every way the video was described."""
    return [views[VIEW][video.athlete] for views in video.described.values()]


def _spread(frames: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of them, evenly spread."""
    if len(frames) <= count:
        return frames
    return frames[np.linspace(0, len(frames) - 1, count).round().astype(int)]
