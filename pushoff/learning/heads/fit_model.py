"""Fits both heads of a model on one backbone: judged on each fold in turn, then on everything.

Read from top to bottom: hold out, calibrate, fit on all labels, collect what was held out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.events.ground_truth import push_off_mask
from pushoff.events.values import PushOffEvent
from pushoff.learning.evaluation.frame_calibration import (
    FrameCalibration,
    fit_frame_calibration,
    population_weights,
)
from pushoff.learning.features.feature_extractor import PLAIN, FeatureExtractor
from pushoff.learning.heads.calibrate import fit_confidence, fit_timing
from pushoff.learning.heads.fit_picture import calibrate_picture_head, fit_picture_head
from pushoff.learning.heads.fit_sequence import SequenceConfig
from pushoff.learning.heads.hold_out import (
    HeldOutScores,
    fit_rounds,
    hold_out_rounds,
    score_held_out,
)
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
from pushoff.learning.thread_pool import thread_pool
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.values import ModelCard


@dataclass(frozen=True)
class FitConfig:
    """How the heads are fitted."""

    sequence: SequenceConfig = field(default_factory=SequenceConfig)
    seed: int = 1


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
    with thread_pool() as pool:
        fitted_picture = fit_picture_head(pictures, rows, folds if len(data.folds) > 1 else [])
        rounds = hold_out_rounds(data, folds)
        heads = fit_rounds(data.videos, [*rounds, ()], config.sequence, config.seed, pool)
        scores = score_held_out(data, rounds, heads, on_progress)
        on_progress(Progress("fitting"))
        sequence = next(heads)
        detector = fit_novelty_detector(
            [(video.group, video.features) for video in data.videos], data.pictures.by_group()
        )
    if sequence and scores.videos:
        settings = _calibrated(sequence.settings, scores, data)
        sequence = SequenceHead(sequence.heads, settings)
    counts = _picture_counts(data, _push_off_share(data, scores, sequence))
    fitted_picture = calibrate_picture_head(fitted_picture, rows.labels, counts)
    return PushOffModel(
        card=card,
        extractor=extractor,
        picture=fitted_picture.head,
        sequence=sequence,
        novelty_detector=detector,
        trained_on=frozenset(video.video_id for video in data.videos),
        held_out=_held_out(data, scores, sequence, fitted_picture.held_out, fitted_picture.head),
    )


def _calibrated(
    settings: SequenceSettings, scores: HeldOutScores, data: TrainingData
) -> SequenceSettings:
    """Timing, events' and frames' probabilities fitted on what was held out."""
    judged = [video for video in data.videos if video.video_id in scores.videos]
    spotting = (scores.settings or settings).spotting
    events = {video.video_id: scores.push_offs(video, spotting) for video in judged}
    offset_ms, spread_ms = fit_timing(events, judged)
    spotting = replace(settings.spotting, offset_ms=offset_ms)
    events = {video.video_id: scores.push_offs(video, spotting) for video in judged}
    return replace(
        settings,
        spotting=spotting,
        spread_ms=spread_ms,
        confidence=fit_confidence(events, judged),
        frame_calibration=_frame_calibration(scores, judged, events),
    )


def _frame_calibration(
    scores: HeldOutScores,
    judged: Sequence[TrainingVideo],
    events: Mapping[str, Sequence[PushOffEvent]],
) -> FrameCalibration:
    """Fitted on the labelled frames, each weighted by how many frames of the videos are like it."""
    parts: dict[str, list[np.ndarray]] = {name: [np.zeros(0)] for name in _COLUMNS}
    for video in judged:
        rows = np.isin(video.rows.folds, scores.folds)
        frames = video.frames[rows]
        found = [event.frame for event in events[video.video_id]]
        curve = scores.videos[video.video_id].push_off
        suggested = push_off_mask(video.features.times_s, found)
        visible = video.features.athlete & scores.known(video)
        columns = (
            curve[frames],
            suggested[frames],
            video.rows.labels[rows],
            curve[visible],
            suggested[visible],
        )
        for name, column in zip(_COLUMNS, columns, strict=True):
            parts[name].append(column)
    curve, suggested, labels, *everywhere = (np.concatenate(parts[name]) for name in _COLUMNS)
    weights = population_weights(curve, suggested, *everywhere)
    return fit_frame_calibration(curve, suggested, labels, weights)


_COLUMNS = ("curve", "suggested", "labels", "all_curve", "all_suggested")


def _push_off_share(
    data: TrainingData, scores: HeldOutScores, sequence: SequenceHead | None
) -> float | None:
    """The share of push_offs among all frames of the videos with an athlete, as far as held out.

    None where nothing of a video was held out, or no push-off was found there.
    """
    if sequence is None:
        return None
    parts = [np.zeros(0, bool)]
    for video in data.videos:
        if video.video_id in scores.videos:
            events = scores.push_offs(video, sequence.settings.spotting)
            found = push_off_mask(video.features.times_s, [event.frame for event in events])
            parts.append(found[video.features.athlete & scores.known(video)])
    frames = np.concatenate(parts)
    return float(frames.mean()) if frames.any() else None


def _picture_counts(data: TrainingData, push_off_share: float | None) -> np.ndarray:
    """(N,) how many pictures each of `_all_pictures` stands for.

    Of a video the queue asks for likely push-offs: its labelled frames stand for all of its frames,
    of which `push_off_share` are push_off. A lone picture stands for itself.
    """
    labels = np.concatenate([np.zeros(0, int), *(video.rows.labels for video in data.videos)])
    counts = np.ones(len(labels))
    labelled_share = labels.mean() if len(labels) else 0.0
    if push_off_share is not None and 0 < labelled_share < 1:
        counts[labels == 1] = push_off_share / labelled_share
        counts[labels == 0] = (1 - push_off_share) / (1 - labelled_share)
    return np.concatenate([counts, np.ones(len(data.pictures))])


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
        if sequence is None or video.video_id not in scores.videos:
            continue
        found, known = scores.videos[video.video_id], scores.known(video)
        events = scores.push_offs(video, sequence.settings.spotting)
        suggested = push_off_mask(found.times_s, [event.frame for event in events]) & known
        probabilities = sequence.settings.frame_calibration.apply(found.push_off, suggested)
        alone = head.probabilities(video.features.views[PLAIN][PICTURE_VIEW])
        alone[video.frames] = np.where(np.isfinite(own), own, alone[video.frames])
        alone[~video.features.athlete] = 0.0  # where nobody is seen nothing is suggested
        videos[video.video_id] = HeldOutVideo(
            probabilities=np.where(known, probabilities, np.nan).astype(np.float32),
            suggested=suggested,
            picture_probabilities=alone.astype(np.float32),
            push_offs=tuple(event.frame for event in events),
        )
    loose = picture[position:]
    pictures = {
        name: float(p) for name, p in zip(data.pictures.names, loose, strict=True) if np.isfinite(p)
    }
    return HeldOutPredictions(videos, pictures)


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
