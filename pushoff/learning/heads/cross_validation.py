"""Cross-validation of event models: every video is scored by a model that never saw its group."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from pushoff.errors import TooFewLabels
from pushoff.events.values import PushOffEvent
from pushoff.learning.heads.fit_sequence import LabelledVideo, TrainingConfig, fit_event_model
from pushoff.learning.features.feature_extractor import FeatureExtractor
from pushoff.util.progress import OnProgress, Progress, ignore_progress

FOLDS = 6
"""Folds when a model is trained; `make results` holds out single clips."""


def group_near_duplicates(videos: Sequence[LabelledVideo]) -> list[LabelledVideo]:
    """The videos with groups merged that share a file: a copy is not independent evidence."""
    first_group: dict[str, str] = {}  # by SHA-256
    merged_into: dict[str, str] = {}

    def group_of(group: str) -> str:
        while group in merged_into:
            group = merged_into[group]
        return group

    for video in videos:
        group = group_of(video.split_group)
        other = group_of(first_group.setdefault(video.example.features.sha256, video.split_group))
        if group != other:
            merged_into[group] = other
    return [replace(video, split_group=group_of(video.split_group)) for video in videos]


def without_near_duplicates(
    videos: Sequence[LabelledVideo], of: Sequence[LabelledVideo]
) -> list[LabelledVideo]:
    """The videos whose file is not among `of`, whatever its name."""
    excluded = {video.example.features.sha256 for video in of}
    return [video for video in videos if video.example.features.sha256 not in excluded]


def make_folds(videos: Sequence[LabelledVideo], count: int | None) -> list[list[str]]:
    """Groups that are held out together: at most `count` folds of balanced size.

    None makes a fold of each group. Groups without ground truth are in no fold.
    """
    sizes: dict[str, int] = defaultdict(int)
    for video in videos:
        if video.truth:
            sizes[video.split_group] += len(video.truth.push_off_frames) + 1
    groups = sorted(sizes, key=lambda group: (-sizes[group], group))
    folds: list[list[str]] = [[] for _ in range(min(count or len(groups), len(groups)))]
    for group in groups:
        min(folds, key=lambda fold: sum(sizes[name] for name in fold)).append(group)
    return folds


def predict_held_out(
    extractor: FeatureExtractor,
    videos: Sequence[LabelledVideo],
    config: TrainingConfig,
    *,
    folds: int | None = FOLDS,
    seed: int = 1,
    on_progress: OnProgress = ignore_progress,
) -> dict[str, list[PushOffEvent]]:
    """The events found in every video with ground truth, by its name, each while held out.

    `folds` as in `make_folds`. Raises TooFewLabels when there are fewer than two groups.
    """
    parts = make_folds(videos, folds)
    if len(parts) < 2:
        raise TooFewLabels(
            "Videos of at least two athletes (or two videos) are needed to hold out.",
            code="one_group",
        )
    events: dict[str, list[PushOffEvent]] = {}
    for number, part in enumerate(parts, 1):
        on_progress(Progress("holding out", number, len(parts), "task"))
        training = [video for video in videos if video.split_group not in part]
        model = fit_event_model(extractor, training, config, seed)
        for video in videos:
            if video.split_group in part and video.truth:
                events[video.name] = model.find_events(video.example.features)
    return events
