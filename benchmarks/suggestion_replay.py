"""The service's steps in memory: order, freeze, fit, gate, predict, on real labelled clips."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmarks.suggestion_clips import Clip
from pushoff.active.pool import LabelledPool, Pool
from pushoff.active.queue import BEFORE_A_MODEL, DEFAULT, QueueConfig, order_pool
from pushoff.events.ground_truth import GroundTruth
from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.manifest import DatasetManifest, VideoTruth
from pushoff.learning.evaluation.comparison import compare
from pushoff.learning.evaluation.metrics import score
from pushoff.learning.evaluation.promotion import Champion, decide, is_proven
from pushoff.learning.features.feature_extractor import (
    PLAIN,
    FeatureExtractor,
    load_feature_extractor,
)
from pushoff.learning.heads.fit_model import FitConfig, fit_model
from pushoff.learning.heads.training_data import (
    NO_FOLD,
    PICTURE_VIEW,
    LabelledRows,
    LonePictures,
    TrainingData,
    TrainingVideo,
)
from pushoff.learning.model.held_out_predictions import HeldOutPredictions, HeldOutVideo
from pushoff.learning.model.model import PushOffModel
from pushoff.learning.model.sequence_head import VideoPrediction
from pushoff.learning.starter import predict_with_rules
from pushoff.values import Label, LabelledFrame, ModelCard, Scorecard
from pushoff.workflows.steps.data.held_out_frames import held_out_frames, of_rules

REFIT_BATCH = 100
"""Frames that the strategy chooses one by one, as in the service."""


class Replay:
    """Answers in the queue's order, and the models that come of them."""

    def __init__(
        self, clips: list[Clip], weights: str, seed: int, order: str, fit: FitConfig | None = None
    ) -> None:
        self.clips = {clip.name: clip for clip in clips}
        self.seed, self.order = seed, order
        self._fit = fit or FitConfig(seed=seed)
        self._extractor = load_feature_extractor("resnet18", weights, 224)[0]
        self._dataset: DatasetManifest | None = None
        self.champion: PushOffModel | None = None
        self.version_labels = 0
        self._answered: list[tuple[str, int]] = []
        self._marked: dict[str, GroundTruth] = {}
        self.queue = [
            (clip.name, frame) for clip in clips for frame in clip.chosen if frame in clip.labels
        ]

    @property
    def answers(self) -> int:
        """Frames answered so far."""
        return len(self._answered)

    @property
    def push_offs(self) -> int:
        """Answers that are push_off."""
        return sum(
            self.clips[name].labels[frame] is Label.PUSH_OFF for name, frame in self._answered
        )

    @property
    def has_model(self) -> bool:
        """Whether anything was learnt yet."""
        return self.champion is not None

    @property
    def scorecard(self) -> Scorecard | None:
        """What the champion claims."""
        return self.champion.card.scorecard if self.champion else None

    def predict(self, clip: Clip) -> VideoPrediction:
        """The champion's, else the rules'."""
        found = self.champion.predict_video(clip.features) if self.champion else None
        return found or predict_with_rules(clip.features)

    def predict_pictures(self, clip: Clip) -> np.ndarray:
        """(N,) by the picture head; zeros before there is one."""
        pictures = clip.features.views[PLAIN][PICTURE_VIEW]
        if self.champion is None:
            return np.zeros(len(pictures))
        return self.champion.picture.probabilities(pictures)

    def answer_up_to(self, count: int) -> None:
        """Answer the frames that come first in the queue, until `count` are answered."""
        done = set(self._answered)
        ordered = [item for item in self._ordered() if item not in done]
        self._answered += ordered[: count - len(self._answered)]

    def mark_all(self) -> None:
        """Mark every push-off and touch-down of the learnt clips."""
        self._marked = {name: clip.truth for name, clip in self.clips.items()}

    def check(self, names: Sequence[str]) -> None:
        """Check these clips as a coach does: push-offs and feet, but no touch-downs."""
        self._marked = {
            name: replace(self.clips[name].truth, touch_down_frames=()) for name in names
        }

    def training_data(self) -> TrainingData:
        """What the answers so far teach, in a new data set."""
        self._dataset = self._freeze()
        return self._training_data(self._dataset)

    def _ordered(self) -> list[tuple[str, int]]:
        done = set(self._answered)
        waiting = [item for item in self.queue if item not in done]
        found = {name: self.predict(clip) for name, clip in self.clips.items()}
        probabilities = np.array(
            [float(found[name].probabilities[frame]) for name, frame in waiting]
        )
        pool = Pool(
            features=np.stack([self._picture(item) for item in waiting]),
            probabilities=probabilities,
            video_ids=tuple(name for name, _ in waiting),
            groups=tuple(name for name, _ in waiting),
            times_s=np.array([self._time(item) for item in waiting]),
            labelled=LabelledPool(
                features=np.stack([self._picture(item) for item in self._answered])
                if self._answered
                else np.zeros((0, 512), np.float16),
                labels=np.array([int(self._label(item)) for item in self._answered], int),
                video_ids=tuple(name for name, _ in self._answered),
                groups=tuple(name for name, _ in self._answered),
                times_s=np.array([self._time(item) for item in self._answered]),
            ),
        )
        cold = self.champion is None and self.order == DEFAULT
        strategy = BEFORE_A_MODEL if cold else self.order
        config = QueueConfig(strategy=strategy, seed=self.seed, batch_size=REFIT_BATCH)
        return [waiting[row] for row in order_pool(pool, config).rows.tolist()]

    def _picture(self, item: tuple[str, int]) -> np.ndarray:
        return self.clips[item[0]].features.views[PLAIN][PICTURE_VIEW][item[1]]

    def _time(self, item: tuple[str, int]) -> float:
        return float(self.clips[item[0]].features.times_s[item[1]])

    def _label(self, item: tuple[str, int]) -> Label:
        return self.clips[item[0]].labels[item[1]]

    def refit(self) -> None:
        """Freeze, fit, compare, promote or keep."""
        data = self.training_data()
        card = _card(self._extractor, sum(map(len, data.rows)))
        model = fit_model(self._extractor, data, card, self._fit)
        held_out = held_out_frames(data, model.held_out)
        scorecard = score(held_out, self.seed) if len(held_out.labels) else None
        comparison = None
        if self.champion:
            theirs = held_out_frames(data, self._with_new_videos(data))
            comparison = compare(held_out, theirs, self.seed)
        champion = None
        if self.champion:
            fewer = self.champion.card.labels < card.labels
            champion = Champion("champion", self.champion.card.scorecard, fewer)
        starter = None
        if self.champion is None or not is_proven(self.champion.card.scorecard):
            starter = compare(held_out, held_out_frames(data, of_rules(data)), self.seed)
        decision = decide(
            scorecard,
            champion,
            comparison,
            starter=starter,
            minimum_gain=0.005,
            minimum_confidence=0.6,
        )
        marked = f"{self.answers} answers, {len(self._marked)} whole clips"
        print(f"seed {self.seed}, {marked}: {decision.reason}", flush=True)
        if decision.promote:
            self.champion = replace(model, card=replace(card, scorecard=scorecard))
            self.version_labels = self.answers

    def _freeze(self) -> DatasetManifest:
        frames = [
            LabelledFrame(
                task_id=number,
                image=f"{name}-{frame}",
                label=self._label((name, frame)),
                split_group=name,
                video_id=name,
                footage="real",
                box=None,
                time_s=self._time((name, frame)),
                from_suggestion=False,
                frame_index=frame,
            )
            for number, (name, frame) in enumerate(self._answered)
        ]
        truths = {name: VideoTruth(truth, name, "real") for name, truth in self._marked.items()}
        images = {frame.key: f"{frame.task_id:064x}" for frame in frames}
        return build_dataset(frames, truths, images, self._dataset, seed=self.seed)

    def _training_data(self, dataset: DatasetManifest) -> TrainingData:
        videos = []
        for name in sorted({frame.video_id for frame in dataset.frames} | set(dataset.truths)):
            clip = self.clips[name]
            times_s = np.asarray(clip.features.times_s)
            folds = [dataset.division.fold_at(name, name, float(time_s)) for time_s in times_s]
            frame_folds = np.array([NO_FOLD if fold is None else fold for fold in folds])
            labels = {
                frame.frame_index: frame.label
                for frame in dataset.frames
                if frame.video_id == name and frame.frame_index is not None
            }
            truth = dataset.truths[name].truth if name in dataset.truths else None
            if truth:
                labels = clip.labels
            frames = np.array(sorted(labels), int)
            rows = LabelledRows(
                labels=np.array([int(labels[frame]) for frame in frames.tolist()]),
                folds=frame_folds[frames],
                weights=np.ones(len(frames)),
                unaided=np.ones(len(frames), bool),
            )
            videos.append(
                TrainingVideo(name, name, clip.features, frame_folds, frames, rows, truth)
            )
        empty = np.zeros(0)
        none = LabelledRows(empty.astype(int), empty.astype(int), empty, empty.astype(bool))
        return TrainingData(
            videos, LonePictures((), (), np.zeros((0, 512)), none, ()), dataset.split_by
        )

    def _with_new_videos(self, data: TrainingData) -> HeldOutPredictions:
        assert self.champion is not None
        videos = dict(self.champion.held_out.videos)
        for video in data.videos:
            if video.video_id not in self.champion.trained_on:
                found = self.champion.predict_video(video.features)
                if found is not None:
                    pictures = video.features.views[PLAIN][PICTURE_VIEW]
                    videos[video.video_id] = HeldOutVideo(
                        found.probabilities.astype(np.float32),
                        found.suggested,
                        self.champion.picture.probabilities(pictures).astype(np.float32),
                        tuple(event.frame for event in found.events),
                    )
        return HeldOutPredictions(videos)


def _card(extractor: FeatureExtractor, labels: int) -> ModelCard:
    return ModelCard(
        architecture="resnet18",
        size_px=extractor.size_px,
        mean=extractor.preprocessing.mean,
        std=extractor.preprocessing.std,
        initial_weights=extractor.initial_weights,
        dataset_fingerprint="",
        scorecard=None,
        weights_sha256="",
        seed=1,
        created_at="",
        code_version="",
        labels=labels,
    )
