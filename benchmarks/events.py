"""Push-off events in docs/benchmarks.md: our model against four baselines, real clips, one run.

    .venv/bin/python -m benchmarks.events ../shared/data --weights FILE [--out var/results]

DATA holds `sprint`, `triple_jump` and `running`, each a folder of labelled clips. Every clip is
held out in turn; features are cached in OUT, so a second run takes minutes. All figures are of
real video.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import typer

from benchmarks.baselines import events_by_pose, whole_image_video
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.scoring import EventScore, score_clips
from pushoff.events.spotting import SpottingConfig
from pushoff.events.values import PushOffEvent
from pushoff.learning.features.feature_extractor import (
    WITH_MIRROR,
    FeatureExtractor,
    load_feature_extractor,
)
from pushoff.learning.heads.cross_validation import predict_held_out, without_near_duplicates
from pushoff.learning.heads.fit_head import TrainingExample
from pushoff.learning.heads.fit_sequence import LabelledVideo, TrainingConfig, fit_event_model
from pushoff.learning.heads.training import with_corrected_feet
from pushoff.services import Services
from pushoff.settings import Settings
from pushoff.util.progress import ignore_progress
from pushoff.workflows.steps.labelled_clips import labelled_videos

OURS = TrainingConfig()
SINGLE = replace(
    OURS,
    views=("colours",),
    dilations=(),
    spotting=SpottingConfig(decoder="peaks"),
    prior_share=0.0,
)
"""Single frames: a linear classifier on the features, and peaks of its curve."""
TRIPLE_TOLERANCE, TOLERANCE = 4, 1
"""Frames; for the triple jumps each event's own uncertainty is added (see the data's README)."""

Predicted = dict[str, list[PushOffEvent]]


@dataclass(frozen=True)
class System:
    """One row of the table: its videos, and how its model is trained."""

    name: str
    sprint: list[LabelledVideo]
    elsewhere: list[LabelledVideo]
    extractor: FeatureExtractor
    config: TrainingConfig


def main(data: Path, weights: str = "imagenet", out: Path = Path("var/results")) -> None:
    """Measure everything and print the tables."""
    started = time.monotonic()
    services = Services(Settings(data_dir=out, weights=weights))
    size = services.settings.event_size_px
    extractor, note = load_feature_extractor("resnet18", services.settings.weights, size)
    random_extractor, _ = load_feature_extractor("resnet18", "none", size)
    print(
        f"feature extractor: {extractor.initial_weights}{f' ({note})' if note else ''}", flush=True
    )
    groups = [[data / "sprint"], [data / "triple_jump"], [data / "running"]]

    def videos(extractor: FeatureExtractor) -> list[list[LabelledVideo]]:
        return [
            labelled_videos(services, folders, extractor, WITH_MIRROR, ignore_progress)
            for folders in groups
        ]

    sprint, triple, running = videos(extractor)
    elsewhere = triple + running
    ours = System("**crop, six temporal heads (ours)**", sprint, elsewhere, extractor, OURS)
    predicted = _measure(ours, sprint, elsewhere)
    details = {"sprint": [_scored(predicted, sprint, k).as_dict() for k in (0, 1, 2)]}
    recall = score_clips(predicted, _certain(sprint), 0).recall
    own = _scored(predicted, sprint, 0, own=True).f1
    print(f"sprint, exact frame: recall {recall:.3f} of push-offs whose label is certain;")
    print(f"  F1 {own:.3f} where each may be off by its label's own uncertainty", flush=True)
    _one_clip(extractor, sprint)
    jumps = _triple(extractor, sprint, triple, running)
    _feet({**predicted, **jumps}, [*sprint, *triple])
    details["triple"] = _scored(jumps, triple, TRIPLE_TOLERANCE, own=True).as_dict()

    _measure(
        System("athlete crop, single frame", sprint, elsewhere, extractor, SINGLE),
        sprint,
        elsewhere,
    )
    whole_images = {
        video.name: whole_image_video(video, _path(groups, video), extractor)
        for video in [*sprint, *elsewhere]
    }

    def as_whole(videos: Sequence[LabelledVideo]) -> list[LabelledVideo]:
        return [
            replace(video, example=TrainingExample(whole_images[video.name], video.example.targets))
            for video in videos
        ]

    name = "whole image, single frame"
    _measure(
        System(name, as_whole(sprint), as_whole(elsewhere), extractor, SINGLE), sprint, elsewhere
    )
    pose = {
        video.name: events_by_pose(video, _path(groups, video)) for video in [*sprint, *elsewhere]
    }
    print(_row("pose landmarks: foot speed and height", pose, pose, sprint, elsewhere), flush=True)
    random, random_triple, random_running = videos(random_extractor)
    name = "random weights, same heads"
    _measure(
        System(name, random, random_triple + random_running, random_extractor, OURS),
        sprint,
        elsewhere,
    )
    (out / "results.json").write_text(json.dumps(details, indent=1))
    print(f"{time.monotonic() - started:.0f} s")


def _measure(
    system: System, sprint: list[LabelledVideo], elsewhere: list[LabelledVideo]
) -> Predicted:
    """Print a system's row; returns the predictions for the sprint clips, each while held out."""
    predicted = predict_held_out(system.extractor, system.sprint, system.config, folds=None)
    print(_row(system.name, predicted, _elsewhere(system), sprint, elsewhere), flush=True)
    return predicted


def _path(groups: list[list[Path]], video: LabelledVideo) -> Path:
    return next(path for (folder,) in groups if (path := folder / video.name).exists())


def _elsewhere(system: System) -> Predicted:
    """Events of the videos of other places, by a model trained on sprint clips only."""
    sprint = without_near_duplicates(system.sprint, system.elsewhere)
    model = fit_event_model(system.extractor, sprint, system.config)
    return {video.name: model.find_events(video.example.features) for video in system.elsewhere}


def _truths(videos: Sequence[LabelledVideo]) -> dict[str, GroundTruth]:
    return {video.name: video.truth for video in videos}


def _scored(
    predicted: Predicted, videos: Sequence[LabelledVideo], k: int, own: bool = False
) -> EventScore:
    return score_clips(predicted, _truths(videos), k, own_uncertainty=own)


def _row(
    name: str,
    predicted: Predicted,
    predicted_elsewhere: Predicted,
    sprint: Sequence[LabelledVideo],
    elsewhere: Sequence[LabelledVideo],
) -> str:
    exact, within_1, within_2 = (_scored(predicted, sprint, k) for k in (0, 1, 2))
    triple = [video for video in elsewhere if video.truth.slow_motion]
    running = [video for video in elsewhere if not video.truth.slow_motion]
    scores = [
        _scored(predicted_elsewhere, triple, TRIPLE_TOLERANCE, own=True),
        _scored(predicted_elsewhere, running, TOLERANCE),
    ]
    joint = _joint_f1(scores)
    feet = within_1.as_dict()["foot_accuracy"]
    return (
        f"| {name} | {exact.f1:.3f} | {within_1.f1:.3f} | {within_2.f1:.3f} "
        f"| {within_1.average_precision[0]:.3f} "
        f"| {feet} | {joint:.3f} |"
    )


def _joint_f1(scores: Sequence[EventScore]) -> float:
    clips = [clip for score in scores for clip in score.clips]
    matched = sum(clip.matched for clip in clips)
    return 2 * matched / max(sum(clip.truth + clip.found for clip in clips), 1)


def _certain(videos: Sequence[LabelledVideo]) -> dict[str, GroundTruth]:
    """Ground truth without the events whose label is uncertain; only recall is meaningful."""
    certain = {}
    for video in videos:
        truth = video.truth
        certain_events = [i for i, frames in enumerate(truth.uncertainty_frames) if frames == 0]
        names = ("push_off_frames", "feet", "approach", "uncertainty_frames")
        fields = {name: tuple(getattr(truth, name)[i] for i in certain_events) for name in names}
        certain[video.name] = replace(truth, **fields)
    return certain


def _one_clip(extractor: FeatureExtractor, sprint: Sequence[LabelledVideo]) -> None:
    """Trained on a single clip, scored on all others: the median over the training clips."""
    scores = []
    for video in sprint:
        model = fit_event_model(extractor, [video], OURS)
        rest = without_near_duplicates(sprint, [video])
        predicted = {other.name: model.find_events(other.example.features) for other in rest}
        scores.append(_scored(predicted, rest, 1).f1)
    print(
        f"sprint, trained on one clip only, 1 frame: median F1 {np.median(scores):.3f} "
        f"({min(scores):.3f} to {max(scores):.3f})",
        flush=True,
    )


def _triple(
    extractor: FeatureExtractor,
    sprint: list[LabelledVideo],
    triple: list[LabelledVideo],
    running: list[LabelledVideo],
) -> Predicted:
    """Each triple jump by a model trained on everything else and the other jump."""
    predicted: Predicted = {}
    for video in triple:
        others = without_near_duplicates([*sprint, *running, *triple], [video])
        model = fit_event_model(extractor, others, OURS)
        predicted[video.name] = model.find_events(video.example.features)
    score = _scored(predicted, triple, TRIPLE_TOLERANCE, own=True)
    strict = _scored(predicted, triple, TRIPLE_TOLERANCE)
    print(
        f"triple jump, trained on everything else and the other clip, {TRIPLE_TOLERANCE} frames: "
        f"F1 {score.f1:.3f} with the labels' own uncertainty, {strict.f1:.3f} without"
    )
    for video in triple:
        predicted_feet = ",".join(
            e.foot.letter if e.foot else "?" for e in with_corrected_feet(predicted)[video.name]
        )
        true_feet = ",".join(foot[0].upper() for foot in video.truth.feet)
        frames = [event.frame for event in predicted[video.name]]
        print(
            f"  {video.name}: {frames} {predicted_feet}; "
            f"true {video.truth.push_off_frames} {true_feet}"
        )
    return predicted


def _feet(predicted: Predicted, videos: Sequence[LabelledVideo]) -> None:
    for name, events in (
        ("as predicted", predicted),
        ("corrected by the sequence", with_corrected_feet(predicted)),
    ):
        correct = known = 0
        for video in videos:
            slow = video.truth.slow_motion
            k = TRIPLE_TOLERANCE if slow else TOLERANCE
            score = _scored(events, [video], k, own=slow)
            correct += sum(clip.feet_correct for clip in score.clips)
            known += sum(clip.feet_known for clip in score.clips)
        print(f"feet of matched push-offs, all clips, {name}: {correct}/{known}")


if __name__ == "__main__":
    typer.run(main)
