"""Fits both heads of a model on one backbone: judged on each fold in turn, then on everything.

Read from top to bottom: hold out, calibrate, fit on all labels, collect what was held out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.events.ground_truth import push_off_mask
from pushoff.events.spotting import FrameScores, SpottingConfig, spot_events
from pushoff.events.values import PushOffEvent
from pushoff.learning.evaluation.frame_calibration import (
    FrameCalibration,
    fit_frame_calibration,
    population_weights,
)
from pushoff.learning.features.feature_extractor import PLAIN, FeatureExtractor
from pushoff.learning.heads.calibrate import fit_confidence, fit_timing
from pushoff.learning.heads.fit_picture import calibrate_picture_head, fit_picture_head
from pushoff.learning.heads.fit_sequence import SequenceConfig, fit_sequence_head
from pushoff.learning.heads.training_data import (
    NO_FOLD,
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


@dataclass(frozen=True)
class HeldOutScores:
    """Scores of frames by heads that were not fitted on them."""

    videos: Mapping[str, FrameScores]
    """By video id, of every video of which a part was held out."""
    folds: tuple[int, ...]
    """The folds that were held out in turn."""
    settings: SequenceSettings | None
    """Of the last of these heads; None where there is none."""

    def known(self, video: TrainingVideo) -> np.ndarray:
        """(N,) bool: the frames of a video that no head saw which scored them.

        Those of a gap beside a boundary in time are among them: no such head saw any.
        """
        return np.isin(video.frame_folds, (*self.folds, NO_FOLD))

    def push_offs(self, video: TrainingVideo, spotting: SpottingConfig) -> list[PushOffEvent]:
        """The events of a video's scores, at known frames."""
        known = self.known(video)
        events = spot_events(self.videos[video.video_id], spotting)
        return [event for event in events if known[event.frame]]


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
    scores = hold_out_in_turn(data, folds, config, on_progress)
    on_progress(Progress("fitting"))
    sequence = _fit_sequence(data.videos, (), config)
    if sequence and scores.videos:
        settings = _calibrated(sequence.settings, scores, data)
        sequence = SequenceHead(sequence.heads, settings)
    counts = _picture_counts(data, _push_off_share(data, scores, sequence))
    fitted_picture = calibrate_picture_head(fitted_picture, rows.labels, counts)
    detector = fit_novelty_detector(
        [(video.group, video.features) for video in data.videos], data.pictures.by_group()
    )
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
) -> HeldOutScores:
    """Videos' scores by heads fitted without their fold.

    Up to five folds are held out in three rounds, two at a time: a fit takes a quarter of a minute.
    Empty where there is only one fold. A video divided in time gets each stretch from the heads
    that did not see it. Raises ModelRefused.
    """
    scores: dict[str, FrameScores] = {}
    settings: SequenceSettings | None = None
    judged: list[int] = []
    several = len(data.folds) > 1
    rounds = [folds[number::MAX_ROUNDS] for number in range(min(MAX_ROUNDS, len(folds)))]
    for number, held_out in enumerate(rounds if several else ()):
        on_progress(Progress("holding out", number, len(rounds) + 1, "task"))
        head = _fit_sequence(data.videos, held_out, config)
        if head is None:
            continue
        settings = head.settings
        judged += held_out
        for video in data.videos:
            inside = video.in_folds(held_out)
            if inside.any():
                found = head.score_frames(video.features)
                scores[video.video_id] = _joined(scores.get(video.video_id), found, inside)
    return HeldOutScores(scores, tuple(judged), settings)


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
