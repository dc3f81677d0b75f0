"""Push-off events in docs/benchmarks.md: the sequence head against four baselines, real clips.

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

from benchmarks.baselines import whole_image_features
from benchmarks.clips import (
    Predicted,
    fit_head,
    labelled_clips,
    predict,
    predict_held_out,
    without_copies,
    without_landmarks,
)
from pushoff.events.drill.corrected_feet import with_corrected_feet
from pushoff.events.ground_truth import GroundTruth
from pushoff.events.scoring import EventScore, score_clips
from pushoff.events.spotting import SpottingConfig
from pushoff.events.values import PushOffEvent
from pushoff.learning.features.feature_extractor import FeatureExtractor, load_feature_extractor
from pushoff.learning.heads.fit_sequence import SequenceConfig
from pushoff.learning.heads.training_data import TrainingVideo
from pushoff.learning.starter import predict_with_rules
from pushoff.services import Services
from pushoff.settings import Settings

OURS = SequenceConfig()
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


@dataclass(frozen=True)
class System:
    """One row of the table: its videos, and how its head is fitted."""

    name: str
    sprint: list[TrainingVideo]
    elsewhere: list[TrainingVideo]
    config: SequenceConfig


def main(data: Path, weights: str = "imagenet", out: Path = Path("var/results")) -> None:
    """Measure everything and print the tables."""
    started = time.monotonic()
    services = Services(Settings(data_dir=out, weights=weights))
    size = services.settings.size_px
    extractor, note = load_feature_extractor("resnet18", services.settings.weights, size)
    random_extractor, _ = load_feature_extractor("resnet18", "none", size)
    print(
        f"feature extractor: {extractor.initial_weights}{f' ({note})' if note else ''}", flush=True
    )
    folders = [data / "sprint", data / "triple_jump", data / "running"]

    def clips(extractor: FeatureExtractor) -> list[list[TrainingVideo]]:
        return [labelled_clips(services, [folder], extractor) for folder in folders]

    sprint, triple, running = clips(extractor)
    elsewhere = triple + running
    predicted = _measure(System("**crop, six temporal heads, rules**", sprint, elsewhere, OURS))
    details = {"sprint": [_scored(predicted, sprint, k).as_dict() for k in (0, 1, 2)]}
    recall = score_clips(predicted, _certain(sprint), 0).recall
    own = _scored(predicted, sprint, 0, own=True).f1
    print(f"sprint, exact frame: recall {recall:.3f} of push-offs whose label is certain;")
    print(f"  F1 {own:.3f} where each may be off by its label's own uncertainty", flush=True)
    _one_clip(sprint)
    jumps = _triple(sprint, triple, running)
    _feet({**predicted, **jumps}, [*sprint, *triple])
    details["triple"] = _scored(jumps, triple, TRIPLE_TOLERANCE, own=True).as_dict()

    rules = {clip.video_id: _by_rules(clip) for clip in [*sprint, *elsewhere]}
    print(_row("pose rules alone", rules, rules, sprint, elsewhere), flush=True)
    plain = [without_landmarks(part) for part in (sprint, elsewhere)]
    _measure(System("crop, six temporal heads, no rules", *plain, OURS))
    _measure(System("athlete crop, single frame", *plain, SINGLE))

    def as_whole(clips: Sequence[TrainingVideo]) -> list[TrainingVideo]:
        return [
            replace(
                clip,
                features=whole_image_features(clip.features, _path(folders, clip), extractor),
            )
            for clip in clips
        ]

    whole = [as_whole(part) for part in (sprint, elsewhere)]
    _measure(System("whole image, single frame", *whole, SINGLE))
    random, triple, running = map(without_landmarks, clips(random_extractor))
    _measure(System("random weights, same heads, no rules", random, triple + running, OURS))
    (out / "results.json").write_text(json.dumps(details, indent=1))
    print(f"{time.monotonic() - started:.0f} s")


def _by_rules(clip: TrainingVideo) -> list[PushOffEvent]:
    return list(predict_with_rules(clip.features).events)


def _measure(system: System) -> Predicted:
    """Print a system's row; returns the predictions for the sprint clips, each while held out."""
    predicted = predict_held_out(system.sprint, system.config)
    sprint = without_copies(system.sprint, system.elsewhere)
    elsewhere = predict(fit_head(sprint, system.config), system.elsewhere)
    print(_row(system.name, predicted, elsewhere, system.sprint, system.elsewhere), flush=True)
    return predicted


def _path(folders: Sequence[Path], clip: TrainingVideo) -> Path:
    return next(path for folder in folders if (path := folder / clip.video_id).exists())


def _truths(videos: Sequence[TrainingVideo]) -> dict[str, GroundTruth]:
    return {video.video_id: video.truth for video in videos}


def _scored(
    predicted: Predicted, videos: Sequence[TrainingVideo], k: int, own: bool = False
) -> EventScore:
    return score_clips(predicted, _truths(videos), k, own_uncertainty=own)


def _row(
    name: str,
    predicted: Predicted,
    predicted_elsewhere: Predicted,
    sprint: Sequence[TrainingVideo],
    elsewhere: Sequence[TrainingVideo],
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


def _certain(videos: Sequence[TrainingVideo]) -> dict[str, GroundTruth]:
    """Ground truth without the events whose label is uncertain; only recall is meaningful."""
    certain = {}
    for video in videos:
        truth = video.truth
        certain_events = [i for i, frames in enumerate(truth.uncertainty_frames) if frames == 0]
        names = ("push_off_frames", "feet", "approach", "uncertainty_frames")
        fields = {name: tuple(getattr(truth, name)[i] for i in certain_events) for name in names}
        certain[video.video_id] = replace(truth, **fields)
    return certain


def _one_clip(sprint: Sequence[TrainingVideo]) -> None:
    """Trained on a single clip, scored on all others: the median over the training clips."""
    scores = []
    for clip in sprint:
        rest = without_copies(sprint, [clip])
        scores.append(_scored(predict(fit_head([clip], OURS), rest), rest, 1).f1)
    print(
        f"sprint, trained on one clip only, 1 frame: median F1 {np.median(scores):.3f} "
        f"({min(scores):.3f} to {max(scores):.3f})",
        flush=True,
    )


def _triple(
    sprint: list[TrainingVideo], triple: list[TrainingVideo], running: list[TrainingVideo]
) -> Predicted:
    """Each triple jump by a head fitted on everything else and the other jump."""
    predicted: Predicted = {}
    for clip in triple:
        others = without_copies([*sprint, *running, *triple], [clip])
        predicted |= predict(fit_head(others, OURS), [clip])
    score = _scored(predicted, triple, TRIPLE_TOLERANCE, own=True)
    strict = _scored(predicted, triple, TRIPLE_TOLERANCE)
    print(
        f"triple jump, trained on everything else and the other clip, {TRIPLE_TOLERANCE} frames: "
        f"F1 {score.f1:.3f} with the labels' own uncertainty, {strict.f1:.3f} without"
    )
    for video in triple:
        predicted_feet = ",".join(
            e.foot.letter if e.foot else "?" for e in with_corrected_feet(predicted)[video.video_id]
        )
        true_feet = ",".join(foot[0].upper() for foot in video.truth.feet)
        frames = [event.frame for event in predicted[video.video_id]]
        print(
            f"  {video.video_id}: {frames} {predicted_feet}; "
            f"true {video.truth.push_off_frames} {true_feet}"
        )
    return predicted


def _feet(predicted: Predicted, videos: Sequence[TrainingVideo]) -> None:
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
