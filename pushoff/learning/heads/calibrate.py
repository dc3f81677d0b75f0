"""Calibration of a sequence head on videos that were held out: times, and confidence in events.

A video with all its push-offs known judges every event; of one with single labelled frames only
the events at labelled frames are judged.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from pushoff.events.ground_truth import GroundTruth, push_off_reach
from pushoff.events.matching import match, scored_events, tolerances, within_complete_range
from pushoff.events.values import PushOffEvent
from pushoff.learning.evaluation.calibration import PlattScaling, fit_platt
from pushoff.learning.evaluation.push_off_blocks import match_ends, possible_ends
from pushoff.learning.heads.fit_sequence import DEFAULT_SPREAD_MS
from pushoff.learning.heads.training_data import TrainingVideo
from pushoff.values import Label

TIMING_REACH_S = 0.034
"""Largest error of an event that counts as timing, not as another event."""
TOLERANCE_FRAMES = 1
"""Frames by which an event may be off and still count as right."""
_PRIOR_PAIRS = 10
"""This many pairs weigh as much as the default offset and spread."""


def fit_timing(
    events: Mapping[str, Sequence[PushOffEvent]], videos: Sequence[TrainingVideo]
) -> tuple[float, float]:
    """(offset, spread) in ms, from pairs within 33 ms or a frame, of videos with a known rate.

    The offset is what must be added: minus the median signed error, so that a few outliers do not
    change it. Few pairs shrink both towards 0 and DEFAULT_SPREAD_MS. Push-offs of which not every
    frame is labelled, so that their last one is not known, are left out.
    """
    errors_ms = []
    for video in videos:
        if video.truth and not video.truth.capture_known:
            continue
        times_s = np.asarray(video.features.times_s)
        interval_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
        frames = [event.frame for event in events.get(video.video_id, ())]
        true = known_push_offs(video)
        reach = max(round(TIMING_REACH_S / interval_s), 1)
        for i, j in match_ends(frames, true, reach).pairs:
            first, last = true[j]
            if first == last:
                errors_ms.append((frames[i] - last) * 1000 * interval_s)
    if not errors_ms:
        return 0.0, DEFAULT_SPREAD_MS
    weight = len(errors_ms) / (len(errors_ms) + _PRIOR_PAIRS)
    variance = weight * np.var(errors_ms) + (1 - weight) * DEFAULT_SPREAD_MS**2
    return -weight * float(np.median(errors_ms)), float(np.sqrt(variance))


def fit_confidence(
    events: Mapping[str, Sequence[PushOffEvent]], videos: Sequence[TrainingVideo]
) -> PlattScaling:
    """Calibrate events' probabilities to the share that is right, within TOLERANCE_FRAMES."""
    scores: list[float] = []
    correct: list[float] = []
    for video in videos:
        found = events.get(video.video_id, ())
        judged = _judge_all(found, video.truth) if video.truth else _judge_labelled(found, video)
        for event, is_right in judged:
            scores.append(event.probability)
            correct.append(float(is_right))
    if not scores:
        return PlattScaling()
    footage = "/".join(sorted({video.footage for video in videos}))
    return fit_platt(np.array(scores), np.array(correct), f"{footage}: {len(videos)} videos")


def known_push_offs(video: TrainingVideo) -> list[tuple[int, int]]:
    """The first and last frame in which each push-off of a video may end.

    They are the same where all is marked; from labelled frames, see `possible_ends`.
    """
    if video.truth:
        return [(frame, frame) for frame in video.truth.push_off_frames]
    reach = push_off_reach(np.asarray(video.features.times_s))
    return possible_ends(video.frames.tolist(), video.rows.labels.tolist(), reach)


def _judge_all(
    found: Sequence[PushOffEvent], truth: GroundTruth
) -> list[tuple[PushOffEvent, bool]]:
    scored = scored_events(found, truth, TOLERANCE_FRAMES, own_uncertainty=True)
    known = within_complete_range(truth)
    reach = tolerances(known, TOLERANCE_FRAMES, own_uncertainty=True)
    pairs = match([event.frame for event in scored], known.push_off_frames, reach).pairs
    matched = {i for i, _ in pairs}
    return [(event, number in matched) for number, event in enumerate(scored)]


def _judge_labelled(
    found: Sequence[PushOffEvent], video: TrainingVideo
) -> list[tuple[PushOffEvent, bool]]:
    """An event near a labelled push-off is right, one at a frame labelled otherwise is wrong."""
    frames = [event.frame for event in found]
    pairs = match_ends(frames, known_push_offs(video), TOLERANCE_FRAMES).pairs
    matched = {i for i, _ in pairs}
    refused = set(video.frames[video.rows.labels == Label.NOT_PUSH_OFF].tolist())
    return [
        (event, number in matched)
        for number, event in enumerate(found)
        if number in matched or event.frame in refused
    ]
