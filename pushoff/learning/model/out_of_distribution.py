"""Out-of-distribution detection: is a video, or a lone picture, like what was learnt from?

Elsewhere scores are lower.

A video's distance is that of its median frame from the nearest stored frame of the training videos.
The threshold is fitted to the distances of the training videos, each measured against those of
other groups. Measured on the shared clips (ResNet18, colours): 11 sprint clips 0.74 to 1.05,
threshold 1.22, none beyond it when each was left out in turn (thresholds 1.13 to 1.35); videos of
other places 1.41 to 1.73: two triple jumps, a runner, two sprint starts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pushoff.learning.features.video_features import VIEWS, VideoFeatures

COMPARED_VIEW = "colours"
"""The view that shows place and clothes; motion and rise separate less."""
FRAMES_PER_VIDEO = 32
"""Frames stored of each training video; 16 and 400 separate as well."""
FRAMES_COMPARED = 200
"""Frames of a video that are compared, evenly spread."""
MIN_VIDEOS = 4
"""Training videos from which there is a threshold; for single pictures, videos and groups of
pictures."""
MAX_DEVIATIONS = 3.0
"""Robust standard deviations above the median: about one video in a thousand of a normal
distribution."""
_NOTHING = np.zeros((0, VIEWS[COMPARED_VIEW]), np.float16)
_MAD_TO_SD = 1.4826
"""From the median absolute deviation to the standard deviation of a normal distribution."""


@dataclass(frozen=True, eq=False)
class NoveltyDetector:
    """Frames of the training videos, and the largest distance from them."""

    frames: np.ndarray
    """(M, D) float16 features, FRAMES_PER_VIDEO of each video."""
    limit: float | None
    """Videos farther away are out of distribution; None: too few training videos to tell."""
    frame_limit: float | None = None
    """Single pictures farther away from these and from `pictures` are; None: too few groups to
    tell."""
    pictures: np.ndarray = field(default_factory=lambda: _NOTHING)
    """(P, D) float16 features of lone pictures that were learnt from, FRAMES_PER_VIDEO of each
    group."""

    def is_out_of_distribution(self, features: VideoFeatures) -> bool:
        """Whether a video is unlike the training videos; False where that is unknown."""
        if self.limit is None or not features.athlete.any():
            return False
        return distance(features, self.frames) > self.limit

    def novel_pictures(self, features: np.ndarray) -> np.ndarray:
        """(N,) bool of (N, D) features of single pictures; all False where that is unknown."""
        if self.frame_limit is None or not len(features):
            return np.zeros(len(features), bool)
        known = np.concatenate([self.frames, self.pictures])
        return distances(features, known) > self.frame_limit


NO_DETECTOR = NoveltyDetector(_NOTHING, None)
"""Of a model without stored frames; every video passes."""


def fit_novelty_detector(
    videos: Sequence[tuple[str, VideoFeatures]], pictures: Sequence[tuple[str, np.ndarray]] = ()
) -> NoveltyDetector:
    """Fit (group, features) pairs of videos, and (group, (n, D) features) pairs of lone pictures.

    What is of one group is never compared with each other.
    """
    known = [
        (group, features, _sample(_athlete_frames(features)[0], FRAMES_PER_VIDEO))
        for group, features in videos
    ]
    known = [entry for entry in known if len(entry[2])]
    frames = [(group, sample) for group, _, sample in known]
    lone = [(group, _sample(features, FRAMES_PER_VIDEO)) for group, features in pictures]
    if not frames and not lone:
        return NO_DETECTOR
    of_videos = [
        distance(features, others)
        for group, features, _ in known
        if len(others := _of_others(group, frames))
    ]
    of_pictures = [
        distances(sample, others)
        for group, sample in (*frames, *lone)
        if len(others := _of_others(group, [*frames, *lone]))
    ]
    has_videos, has_pictures = (len(found) >= MIN_VIDEOS for found in (of_videos, of_pictures))
    return NoveltyDetector(
        frames=np.concatenate([_NOTHING, *(sample for _, sample in frames)]),
        limit=_upper_limit(np.array(of_videos)) if has_videos else None,
        frame_limit=_upper_limit(np.concatenate(of_pictures)) if has_pictures else None,
        pictures=np.concatenate([_NOTHING, *(sample for _, sample in lone)]),
    )


def _of_others(group: str, samples: Sequence[tuple[str, np.ndarray]]) -> np.ndarray:
    """(n, D) of every other group."""
    return np.concatenate([_NOTHING, *(sample for other, sample in samples if other != group)])


def distance(features: VideoFeatures, frames: np.ndarray) -> float:
    """From the video's median frame with the athlete to the nearest of (M, D) `frames`.

    As `distances`; the smaller one of the video and its mirror image, where features of both were
    extracted.
    """
    return min(
        float(np.median(distances(_sample(athlete_frames, FRAMES_COMPARED), frames)))
        for athlete_frames in _athlete_frames(features)
    )


def distances(pictures: np.ndarray, frames: np.ndarray) -> np.ndarray:
    """(N,) from each of (N, D) features to the nearest of (M, D) `frames`.

    Root mean square over the D features, each in standard deviations of `frames`.
    """
    known = frames.astype(np.float32)
    mean, scale = known.mean(0), known.std(0) + 1e-3
    known = (known - mean) / scale
    sample = (pictures.astype(np.float32) - mean) / scale
    squared = (sample**2).sum(1)[:, None] + (known**2).sum(1)[None] - 2 * sample @ known.T
    return np.asarray(np.sqrt(np.maximum(squared, 0).min(1) / known.shape[1]))


def _upper_limit(values: np.ndarray) -> float:
    """MAX_DEVIATIONS robust standard deviations above the median."""
    median = float(np.median(values))
    deviation = float(np.median(np.abs(values - median)))
    return median + MAX_DEVIATIONS * _MAD_TO_SD * deviation


def _athlete_frames(features: VideoFeatures) -> list[np.ndarray]:
    """(n, D) of the frames with the athlete, for each augmentation."""
    return [views[COMPARED_VIEW][features.athlete] for views in features.views.values()]


def _sample(frames: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the frames, evenly spread."""
    if len(frames) <= count:
        return frames
    return frames[np.linspace(0, len(frames) - 1, count).round().astype(int)]
