"""Push-offs of a whole video from a model of single frames, while there is no model of events."""

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


def spot_with_frames(
    classifier: "FrameClassifier",
    path: Path,
    info: VideoInfo,
    clock_s: Sequence[float],
    boxes: Sequence[Box],
    on_progress: OnProgress = ignore_progress,
) -> "list[PushOffEvent]":
    """Push-offs of a probed video, each at the end of a stretch that looks like one.

    `clock_s` and `boxes` are those of every frame: camera seconds, and the athlete in full-size
    pixels. Raises VideoRefused.
    """
    found, done = [], 0
    for crops in frame_crops(path, info, boxes, classifier.card.size_px):
        found.append(classifier.predict_crops(crops))
        done += len(crops)
        on_progress(Progress("reading frames", done, len(boxes), "frame"))
    return spot_curve(np.concatenate([np.zeros(0), *found]), clock_s, classifier.card.threshold)


def spot_curve(
    push_off: np.ndarray, clock_s: Sequence[float], threshold: float
) -> "list[PushOffEvent]":
    """The same from a (N,) curve of probabilities, for which `threshold` was chosen.

    A frame counts as push_off in the last 12.5 ms of a contact, so the contact ends where the curve
    falls after that long. A low threshold lowers what the fall must be; a high one does not raise
    it beyond the decoder's own.
    """
    times_s = np.asarray(clock_s[: len(push_off)])
    interval_s = median(b - a for a, b in pairwise(clock_s)) if len(clock_s) > 1 else 1.0
    rest, everywhere = np.zeros(len(times_s)), np.ones(len(times_s), bool)
    step = 1 + int(PUSH_OFF_S / interval_s + 1e-3)
    reading = FrameScores(times_s, push_off, rest, rest, rest, everywhere, step)
    usual = SpottingConfig(decoder="peaks")
    high = min(usual.high, max(threshold, 0.05))
    return spot_events(
        reading, SpottingConfig(decoder="peaks", high=high, low=min(usual.low, high))
    )
