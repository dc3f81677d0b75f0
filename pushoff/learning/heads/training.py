"""From labelled videos to a calibrated event model and its held-out score.

In this order: train on all videos, cross-validate, calibrate times and confidence on the events
that were found while held out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.matching import match, scored_events, tolerances, within_complete_range
from pushoff.events.scoring import EventScore, score_clips
from pushoff.events.values import Foot, PushOffEvent
from pushoff.learning.evaluation.calibration import PlattScaling, fit_platt
from pushoff.learning.heads.cross_validation import FOLDS, make_folds, predict_held_out
from pushoff.learning.heads.fit_sequence import (
    DEFAULT_SPREAD_MS,
    LabelledVideo,
    TrainingConfig,
    fit_event_model,
)
from pushoff.learning.model.sequence_head import EventModel
from pushoff.learning.model.out_of_distribution import fit_novelty_detector
from pushoff.learning.features.feature_extractor import FeatureExtractor
from pushoff.util.progress import OnProgress, Progress, ignore_progress

TIMING_REACH_S = 0.034
"""Largest error of an event that counts as timing, not as another event."""
_PRIOR_PAIRS = 10
"""This many pairs weigh as much as the default offset and spread."""


def train_and_evaluate(
    extractor: FeatureExtractor,
    videos: Sequence[LabelledVideo],
    config: TrainingConfig,
    *,
    tolerance_frames: int,
    seed: int = 1,
    on_progress: OnProgress = ignore_progress,
) -> tuple[EventModel, EventScore | None]:
    """A model trained on all videos, calibrated on held-out ones, and its held-out score.

    Where only one group has push-offs nothing can be held out: the score is None and the model is
    not calibrated. Raises TooFewLabels, ModelRefused.
    """
    truths = {video.name: video.truth for video in videos if video.truth}
    on_progress(Progress("fitting", 0, 1, "task"))
    model = fit_event_model(extractor, videos, config, seed)
    detector = fit_novelty_detector(
        [(video.split_group, video.example.features) for video in videos]
    )
    groups_with_events = {video.split_group for video in videos if video.example.targets.events}
    if len(make_folds(videos, FOLDS)) < 2 or len(groups_with_events) < 2:
        return EventModel(extractor, model.heads, model.settings, detector), None
    events = predict_held_out(extractor, videos, config, seed=seed, on_progress=on_progress)
    offset_ms, spread_ms = estimate_timing(events, truths)
    score = score_clips(with_corrected_feet(events), truths, tolerance_frames)
    settings = replace(
        model.settings,
        spotting=replace(model.settings.spotting, offset_ms=offset_ms),
        confidence=fit_confidence(events, truths, tolerance_frames),
        spread_ms=spread_ms,
        held_out=score.as_dict(),
    )
    return EventModel(extractor, model.heads, settings, detector), score


def with_corrected_feet(
    events: Mapping[str, Sequence[PushOffEvent]],
) -> dict[str, list[PushOffEvent]]:
    """The events with the feet of the classified sequence, as a report shows them."""
    corrected = {}
    for name, clip_events in events.items():
        feet = classify_sequence(clip_events).feet
        corrected[name] = [
            _with_foot(event, foot) for event, foot in zip(clip_events, feet, strict=True)
        ]
    return corrected


def _with_foot(event: PushOffEvent, foot: Foot | None) -> PushOffEvent:
    if foot is None or foot is event.foot:
        return event
    p = max(event.left_probability, 1 - event.left_probability, 0.51)
    return replace(event, left_probability=p if foot is Foot.LEFT else 1 - p)


def estimate_timing(
    events: Mapping[str, Sequence[PushOffEvent]], truths: Mapping[str, GroundTruth]
) -> tuple[float, float]:
    """(offset, spread) in ms, from pairs within 33 ms or a frame, of videos with a known rate.

    The offset is what must be added: minus the median signed error, so that a few outliers do not
    change it. Few pairs shrink both towards 0 and DEFAULT_SPREAD_MS.
    """
    errors_ms = []
    for name, truth in truths.items():
        if not truth.capture_known:
            continue
        frames = [event.frame for event in events.get(name, ())]
        reach = max(round(TIMING_REACH_S * truth.capture_fps), 1)
        for i, j in match(frames, truth.push_off_frames, reach).pairs:
            errors_ms.append((frames[i] - truth.push_off_frames[j]) * 1000 / truth.capture_fps)
    if not errors_ms:
        return 0.0, DEFAULT_SPREAD_MS
    weight = len(errors_ms) / (len(errors_ms) + _PRIOR_PAIRS)
    variance = weight * np.var(errors_ms) + (1 - weight) * DEFAULT_SPREAD_MS**2
    return -weight * float(np.median(errors_ms)), float(np.sqrt(variance))


def fit_confidence(
    events: Mapping[str, Sequence[PushOffEvent]], truths: Mapping[str, GroundTruth], tolerance: int
) -> PlattScaling:
    """Calibrate events' probabilities to the share that is right, within `tolerance` frames."""
    scores: list[float] = []
    correct: list[float] = []
    for name, truth in truths.items():
        scored = scored_events(events.get(name, ()), truth, tolerance, own_uncertainty=True)
        known = within_complete_range(truth)
        reach = tolerances(known, tolerance, own_uncertainty=True)
        pairs = match([event.frame for event in scored], known.push_off_frames, reach).pairs
        matched = {i for i, _ in pairs}
        scores += [event.probability for event in scored]
        correct += [float(i in matched) for i in range(len(scored))]
    if not scores:
        return PlattScaling()
    footage = "/".join(sorted({truth.footage for truth in truths.values()}))
    measured_on = f"{footage}: {', '.join(sorted(truths))}"
    return fit_platt(np.array(scores), np.array(correct), measured_on)
