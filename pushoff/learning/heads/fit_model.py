"""Fits both heads of a model on one backbone: judged on each fold in turn, then on everything.

Read from top to bottom: hold out, calibrate, fit on all labels, collect what was held out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.events.ground_truth import push_off_mask
from pushoff.events.spotting import FrameScores, spot_events
from pushoff.learning.evaluation.frame_calibration import fit_frame_calibration
from pushoff.learning.features.feature_extractor import PLAIN, FeatureExtractor
from pushoff.learning.heads.calibrate import fit_confidence, fit_timing
from pushoff.learning.heads.fit_picture import fit_picture_head
from pushoff.learning.heads.fit_sequence import SequenceConfig, fit_sequence_head
from pushoff.learning.heads.training_data import (
    PICTURE_VIEW,
    LabelledRows,
    TrainingData,
    TrainingVideo,
)
from pushoff.learning.model.held_out_predictions import HeldOutPredictions, HeldOutVideo
from pushoff.learning.model.model import PushOffModel
from pushoff.learning.model.out_of_distribution import fit_novelty_detector
from pushoff.learning.model.picture_head import PictureHead
from pushoff.learning.model.sequence_head import SequenceHead, SequenceSettings
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.values import ModelCard


@dataclass(frozen=True)
class FitConfig:
    """How the heads are fitted."""

    sequence: SequenceConfig = field(default_factory=SequenceConfig)
    seed: int = 1


MAX_ROUNDS = 3
"""Fits in which every fold is held out once."""
HeldOutScores = Mapping[str, FrameScores]
"""By video id: the scores of every frame by a head that was not fitted on it."""


def fit_model(
    extractor: FeatureExtractor,
    data: TrainingData,
    card: ModelCard,
    config: FitConfig,
    *,
    judged: Sequence[int] | None = None,
    on_progress: OnProgress = ignore_progress,
) -> PushOffModel:
    """Both heads, fitted on all of `data` and calibrated on what was held out.

    `judged` are the folds that are held out in turn; None: all of them. The same input gives the
    same weights. Raises TooFewLabels when a class is missing, ModelRefused when a fit diverges.
    """
    folds = [fold for fold in data.folds if judged is None or fold in judged]
    rows, pictures = _all_pictures(data)
    fitted_picture = fit_picture_head(pictures, rows, folds if len(data.folds) > 1 else [])
    scores, last = hold_out_in_turn(data, folds, config, on_progress)
    on_progress(Progress("fitting"))
    sequence = _fit_sequence(data.videos, (), config)
    if sequence and scores:
        settings = _calibrated(sequence.settings, last, scores, data)
        sequence = SequenceHead(sequence.heads, settings)
    detector = fit_novelty_detector([(video.group, video.features) for video in data.videos])
    return PushOffModel(
        card=card,
        extractor=extractor,
        picture=fitted_picture.head,
        sequence=sequence,
        novelty_detector=detector,
        trained_on=frozenset(video.video_id for video in data.videos),
        held_out=_held_out(data, scores, sequence, fitted_picture.held_out, fitted_picture.head),
    )


def hold_out_in_turn(
    data: TrainingData,
    folds: Sequence[int],
    config: FitConfig,
    on_progress: OnProgress = ignore_progress,
) -> tuple[dict[str, FrameScores], SequenceSettings | None]:
    """Every video's scores by heads fitted without its fold, and the settings of such heads.

    Up to five folds are held out in three rounds, two at a time: a fit takes a quarter of a minute.
    Empty where there is only one fold. A video divided in time gets each stretch from the heads
    that did not see it. Raises ModelRefused.
    """
    scores: dict[str, FrameScores] = {}
    settings = None
    if len(data.folds) < 2:
        return scores, settings
    rounds = [folds[number::MAX_ROUNDS] for number in range(min(MAX_ROUNDS, len(folds)))]
    for number, held_out in enumerate(rounds):
        on_progress(Progress("holding out", number, len(rounds) + 1, "task"))
        head = _fit_sequence(data.videos, held_out, config)
        if head is None:
            continue
        settings = head.settings
        for video in data.videos:
            inside = video.in_folds(held_out)
            if inside.any():
                found = head.score_frames(video.features)
                scores[video.video_id] = _joined(scores.get(video.video_id), found, inside)
    return scores, settings


def _fit_sequence(
    videos: Sequence[TrainingVideo], held_out: Sequence[int], config: FitConfig
) -> SequenceHead | None:
    """None where no push-off of a stored video is left to learn from."""
    examples = [example for video in videos if (example := video.example(held_out)) is not None]
    if not any(example.targets.events for example in examples):
        return None
    if not any((example.targets.push_off == 0).any() for example in examples):
        return None
    try:
        return fit_sequence_head(
            examples,
            config.sequence,
            config.seed,
            contacts_marked=any(v.truth and v.truth.touch_down_frames for v in videos),
        )
    except TooFewLabels:
        return None  # no video shows an athlete


def _joined(known: FrameScores | None, found: FrameScores, held_out: np.ndarray) -> FrameScores:
    """`known` with the frames of `held_out`, (N,) bool, from `found`."""
    if known is None:
        return found

    def joined(name: str) -> np.ndarray:
        return np.where(held_out, getattr(found, name), getattr(known, name))

    return replace(
        known,
        push_off=joined("push_off"),
        contact=joined("contact"),
        near=joined("near"),
        approach=joined("approach"),
    )


def _calibrated(
    settings: SequenceSettings,
    of_held_out: SequenceSettings | None,
    scores: HeldOutScores,
    data: TrainingData,
) -> SequenceSettings:
    """Timing, events' and frames' probabilities fitted on what was held out."""
    judged = [video for video in data.videos if video.video_id in scores]
    spotting = (of_held_out or settings).spotting
    events = {video.video_id: spot_events(scores[video.video_id], spotting) for video in judged}
    offset_ms, spread_ms = fit_timing(events, judged)
    spotting = replace(settings.spotting, offset_ms=offset_ms)
    events = {video.video_id: spot_events(scores[video.video_id], spotting) for video in judged}
    curve: list[np.ndarray] = [np.zeros(0)]
    suggested: list[np.ndarray] = [np.zeros(0, bool)]
    labels: list[np.ndarray] = [np.zeros(0, int)]
    for video in judged:
        frames = video.frames[video.rows.folds >= 0]
        found = [event.frame for event in events[video.video_id]]
        curve.append(scores[video.video_id].push_off[frames])
        suggested.append(push_off_mask(video.features.times_s, found)[frames])
        labels.append(video.rows.labels[video.rows.folds >= 0])
    return replace(
        settings,
        spotting=spotting,
        spread_ms=spread_ms,
        confidence=fit_confidence(events, judged),
        frame_calibration=fit_frame_calibration(
            np.concatenate(curve), np.concatenate(suggested), np.concatenate(labels)
        ),
    )


def _held_out(
    data: TrainingData,
    scores: HeldOutScores,
    sequence: SequenceHead | None,
    picture: np.ndarray,
    head: PictureHead,
) -> HeldOutPredictions:
    """`picture` (N,) has the picture head's held-out probabilities, as in `_all_pictures`."""
    videos: dict[str, HeldOutVideo] = {}
    position = 0
    for video in data.videos:
        own = picture[position : position + len(video.frames)]
        position += len(video.frames)
        if sequence is None or video.video_id not in scores:
            continue
        found = scores[video.video_id]
        events = spot_events(found, sequence.settings.spotting)
        suggested = push_off_mask(found.times_s, [event.frame for event in events])
        probabilities = sequence.settings.frame_calibration.apply(found.push_off, suggested)
        alone = head.probabilities(video.features.views[PLAIN][PICTURE_VIEW])
        alone[video.frames] = np.where(np.isfinite(own), own, alone[video.frames])
        videos[video.video_id] = HeldOutVideo(
            probabilities=probabilities.astype(np.float32),
            suggested=suggested,
            picture_probabilities=alone.astype(np.float32),
            push_offs=tuple(event.frame for event in events),
        )
    loose = picture[position:]
    pictures = {
        sha256: float(p)
        for sha256, p in zip(data.pictures.sha256s, loose, strict=True)
        if np.isfinite(p)
    }
    return HeldOutPredictions(videos, pictures, head.threshold)


def _all_pictures(data: TrainingData) -> tuple[LabelledRows, np.ndarray]:
    """Rows and features of every labelled frame, video by video, then of the lone pictures."""
    rows = data.rows
    features = [*(video.pictures for video in data.videos)]
    if len(data.pictures):
        features.append(data.pictures.features)
    joined = LabelledRows(
        **{
            name: np.concatenate([getattr(part, name) for part in rows])
            for name in ("labels", "folds", "weights", "unaided")
        }
    )
    if not len(joined):
        raise TooFewLabels("There is no labelled frame.", code="no_label")
    return joined, np.concatenate([np.asarray(part, np.float32) for part in features])
