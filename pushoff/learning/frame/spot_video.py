"""Push-offs of a whole video from a frame model, used while there is no event model."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from pushoff.events.ground_truth import PUSH_OFF_S
from pushoff.events.spotting import FrameScores, SpottingConfig, spot_events
from pushoff.learning.frame.crops import frame_crops
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.values import Box, VideoInfo

if TYPE_CHECKING:
    from pushoff.events.values import PushOffEvent
    from pushoff.learning.frame.classifier import FrameClassifier

_MIN_HIGH = 0.05


def spot_with_frame_model(
    classifier: "FrameClassifier",
    path: Path,
    info: VideoInfo,
    times_s: Sequence[float],
    boxes: Sequence[Box],
    on_progress: OnProgress = ignore_progress,
) -> "list[PushOffEvent]":
    """Push-offs of a probed video, each at the end of a run of push_off frames.

    `times_s` and `boxes` are those of every frame: camera seconds, and the athlete in full-size
    pixels. Raises VideoRefused.
    """
    probabilities, done = [np.zeros(0)], 0
    for crops in frame_crops(path, info, boxes, classifier.card.size_px):
        probabilities.append(classifier.predict_crops(crops))
        done += len(crops)
        on_progress(Progress("extracting features", done, len(boxes), "frame"))
    return spot_from_probabilities(
        np.concatenate(probabilities), times_s, classifier.card.threshold
    )


def spot_from_probabilities(
    push_off: np.ndarray, times_s: Sequence[float], threshold: float
) -> "list[PushOffEvent]":
    """The same from (N,) probabilities, for which `threshold` was chosen.

    A frame is push_off in the last 12.5 ms of a contact, so the contact ends where the curve falls
    after that long. A threshold below the decoder's lowers it; a higher one does not raise it.
    """
    seconds = np.asarray(times_s[: len(push_off)])
    interval_s = median(b - a for a, b in pairwise(times_s)) if len(times_s) > 1 else 1.0
    unknown, everywhere = np.zeros(len(seconds)), np.ones(len(seconds), bool)
    step = 1 + int(PUSH_OFF_S / interval_s + 1e-3)
    scores = FrameScores(seconds, push_off, unknown, unknown, unknown, everywhere, step)
    default = SpottingConfig(decoder="peaks")
    high = min(default.high, max(threshold, _MIN_HIGH))
    config = SpottingConfig(decoder="peaks", high=high, low=min(default.low, high))
    return spot_events(scores, config)
