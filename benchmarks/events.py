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
from pushoff.learning.event.cross_validation import predict_held_out, without_near_duplicates
from pushoff.learning.event.fit_head import TrainingExample
from pushoff.learning.event.fit_model import LabelledVideo, TrainingConfig, fit_event_model
from pushoff.learning.event.training import with_corrected_feet
from pushoff.learning.feature_extractor import (
    WITH_MIRROR,
    FeatureExtractor,
    load_feature_extractor,
)
from pushoff.services import Services
from pushoff.settings import Settings
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

Found = dict[str, list[PushOffEvent]]


@dataclass(frozen=True)
class System:
    """One row of the table: its videos, and how its model is trained."""

    name: str
    sprint: list[LabelledVideo]
    elsewhere: list[LabelledVideo]
    extractor: FeatureExtractor
    recipe: TrainingConfig


def main(data: Path, weights: str = "imagenet", out: Path = Path("var/results")) -> None:
    """Measure everything and print the tables."""
    started = time.monotonic()
    services = Services(Settings(data_dir=out, weights=weights))
    size = services.settings.event_size_px
    trunk, note = load_feature_extractor("resnet18", services.settings.weights, size)
    chance, _ = load_feature_extractor("resnet18", "none", size)
    print(f"feature extractor: {trunk.initial_weights}{f' ({note})' if note else ''}", flush=True)
    groups = [[data / "sprint"], [data / "triple_jump"], [data / "running"]]

    def videos(by: FeatureExtractor) -> list[list[LabelledVideo]]:
        return [
            labelled_videos(services, one, by, WITH_MIRROR, lambda word: None) for one in groups
        ]

    sprint, triple, running = videos(trunk)
    away = triple + running
    ours = System("**crop, six temporal heads (ours)**", sprint, away, trunk, OURS)
    found = _measure(ours, sprint, away)
    details = {"sprint": [_scored(found, sprint, k).as_dict() for k in (0, 1, 2)]}
    recall = score_clips(found, _certain(sprint), 0).recall
    own = _scored(found, sprint, 0, own=True).f1
    print(f"sprint, exact frame: recall {recall:.3f} of push-offs whose label is certain;")
    print(f"  F1 {own:.3f} where each may be off by its label's own uncertainty", flush=True)
    _one_clip(trunk, sprint)
    both = _triple(trunk, sprint, triple, running)
    _feet({**found, **both}, [*sprint, *triple])
    details["triple"] = _scored(both, triple, TRIPLE_TOLERANCE, own=True).as_dict()

    _measure(System("athlete crop, single frame", sprint, away, trunk, SINGLE), sprint, away)
    whole = {
        video.name: whole_image_video(video, _path(groups, video), trunk)
        for video in [*sprint, *away]
    }

    def as_whole(some: Sequence[LabelledVideo]) -> list[LabelledVideo]:
        return [replace(f, example=TrainingExample(whole[f.name], f.example.targets)) for f in some]

    name = "whole image, single frame"
    _measure(System(name, as_whole(sprint), as_whole(away), trunk, SINGLE), sprint, away)
    pose = {video.name: events_by_pose(video, _path(groups, video)) for video in [*sprint, *away]}
    print(_row("pose landmarks: foot speed and height", pose, pose, sprint, away), flush=True)
    random, random_triple, random_running = videos(chance)
    name = "random weights, same heads"
    _measure(System(name, random, random_triple + random_running, chance, OURS), sprint, away)
    (out / "results.json").write_text(json.dumps(details, indent=1))
    print(f"{time.monotonic() - started:.0f} s")


def _measure(system: System, sprint: list[LabelledVideo], away: list[LabelledVideo]) -> Found:
    """Print a system's row; returns the events of the sprint clips, each while held out."""
    found = predict_held_out(system.extractor, system.sprint, system.recipe, folds=None)
    print(_row(system.name, found, _elsewhere(system), sprint, away), flush=True)
    return found


def _path(groups: list[list[Path]], video: LabelledVideo) -> Path:
    return next(path for (folder,) in groups if (path := folder / video.name).exists())


def _elsewhere(system: System) -> Found:
    """Events of the videos of other places, by a model trained on sprint clips only."""
    sprint = without_near_duplicates(system.sprint, system.elsewhere)
    spotter = fit_event_model(system.extractor, sprint, system.recipe)
    return {video.name: spotter.find_events(video.example.features) for video in system.elsewhere}


def _truths(videos: Sequence[LabelledVideo]) -> dict[str, GroundTruth]:
    return {video.name: video.truth for video in videos}


def _scored(found: Found, videos: Sequence[LabelledVideo], k: int, own: bool = False) -> EventScore:
    return score_clips(found, _truths(videos), k, own_uncertainty=own)


def _row(
    name: str,
    found: Found,
    away: Found,
    sprint: Sequence[LabelledVideo],
    elsewhere: Sequence[LabelledVideo],
) -> str:
    exact, one, two = (_scored(found, sprint, k) for k in (0, 1, 2))
    triple = [video for video in elsewhere if video.truth.slow_motion]
    running = [video for video in elsewhere if not video.truth.slow_motion]
    there = [
        _scored(away, triple, TRIPLE_TOLERANCE, own=True),
        _scored(away, running, TOLERANCE),
    ]
    joint = _joint_f1(there)
    feet = one.as_dict()["foot_accuracy"]
    return (
        f"| {name} | {exact.f1:.3f} | {one.f1:.3f} | {two.f1:.3f} | {one.average_precision[0]:.3f} "
        f"| {feet} | {joint:.3f} |"
    )


def _joint_f1(scores: Sequence[EventScore]) -> float:
    clips = [clip for score in scores for clip in score.clips]
    matched = sum(clip.matched for clip in clips)
    return 2 * matched / max(sum(clip.truth + clip.found for clip in clips), 1)


def _certain(videos: Sequence[LabelledVideo]) -> dict[str, GroundTruth]:
    """The truths without the events whose label is marked uncertain; only recall means anything."""
    certain = {}
    for video in videos:
        truth = video.truth
        kept = [i for i, doubt in enumerate(truth.uncertainty_frames) if doubt == 0]
        names = ("push_off_frames", "feet", "approach", "uncertainty_frames")
        some = {name: tuple(getattr(truth, name)[i] for i in kept) for name in names}
        certain[video.name] = replace(truth, **some)
    return certain


def _one_clip(trunk: FeatureExtractor, sprint: Sequence[LabelledVideo]) -> None:
    """Trained on a single clip, scored on all others: the median over the training clips."""
    scores = []
    for video in sprint:
        spotter = fit_event_model(trunk, [video], OURS)
        rest = without_near_duplicates(sprint, [video])
        found = {other.name: spotter.find_events(other.example.features) for other in rest}
        scores.append(_scored(found, rest, 1).f1)
    print(
        f"sprint, trained on one clip only, 1 frame: median F1 {np.median(scores):.3f} "
        f"({min(scores):.3f} to {max(scores):.3f})",
        flush=True,
    )


def _triple(
    trunk: FeatureExtractor,
    sprint: list[LabelledVideo],
    triple: list[LabelledVideo],
    running: list[LabelledVideo],
) -> Found:
    """Each triple jump by a model trained on everything else and the other jump."""
    found: Found = {}
    for video in triple:
        others = without_near_duplicates([*sprint, *running, *triple], [video])
        spotter = fit_event_model(trunk, others, OURS)
        found[video.name] = spotter.find_events(video.example.features)
    score = _scored(found, triple, TRIPLE_TOLERANCE, own=True)
    strict = _scored(found, triple, TRIPLE_TOLERANCE)
    print(
        f"triple jump, trained on everything else and the other clip, {TRIPLE_TOLERANCE} frames: "
        f"F1 {score.f1:.3f} with the labels' own uncertainty, {strict.f1:.3f} without"
    )
    for video in triple:
        found_feet = ",".join(
            e.foot.letter if e.foot else "?" for e in with_corrected_feet(found)[video.name]
        )
        true_feet = ",".join(foot[0].upper() for foot in video.truth.feet)
        frames = [event.frame for event in found[video.name]]
        print(
            f"  {video.name}: {frames} {found_feet}; true {video.truth.push_off_frames} {true_feet}"
        )
    return found


def _feet(found: Found, videos: Sequence[LabelledVideo]) -> None:
    for name, some in (("as seen", found), ("after the sequence", with_corrected_feet(found))):
        right = known = 0
        for video in videos:
            slow = video.truth.slow_motion
            k = TRIPLE_TOLERANCE if slow else TOLERANCE
            score = _scored(some, [video], k, own=slow)
            right += sum(clip.feet_correct for clip in score.clips)
            known += sum(clip.feet_known for clip in score.clips)
        print(f"feet of matched push-offs, all clips, {name}: {right}/{known}")


if __name__ == "__main__":
    typer.run(main)
