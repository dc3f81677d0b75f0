"""The model, or the pose rules, scored on labelled clips as the field scores event spotting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.services import Services
from pushoff.util.progress import OnProgress, Progress
from pushoff.workflows.steps.data.labelled_clips import (
    clip_name,
    ground_truths_of,
    load_video_features,
)
from pushoff.workflows.steps.push_off_finder import load_push_off_finder

if TYPE_CHECKING:
    from pushoff.events.scoring import EventScore
    from pushoff.events.values import PushOffEvent


@dataclass(frozen=True)
class ModelEvaluation:
    """The score of one version, and which of its clips are no evidence."""

    version: str
    """The model's, or that of the rules."""
    score: "EventScore"
    trained_on: frozenset[str]
    """Clips that the model was trained on, or copies of such."""
    copies: Mapping[str, str]
    """Clips that are copies of an earlier clip, and which that is."""


def evaluate_model(
    services: Services,
    folders: Sequence[Path],
    model_version: str | None,
    *,
    rules: bool,
    tolerance_frames: int,
    own_uncertainty: bool,
    on_progress: OnProgress,
) -> ModelEvaluation:
    """Score a version, by default what analyses videos now, on folders with an events.json.

    That is the champion, or the pose rules before there is one; `rules` asks for the rules in any
    case. Only the range in which a clip is completely labelled counts. With `own_uncertainty` the
    tolerance of each label is larger by the label's own uncertainty. Raises BadInput, VideoRefused,
    NoSuchModel, ModelRefused, RegistryUnavailable, StorageFailed.
    """
    from pushoff.events.drill.corrected_feet import with_corrected_feet
    from pushoff.events.scoring import score_clips

    truths = ground_truths_of(folders)
    names = {clip_name(path, list(truths)): path for path in truths}
    finder = load_push_off_finder(services, model_version, rules=rules)
    events: dict[str, Sequence[PushOffEvent]] = {}
    digests: dict[str, str] = {}
    for number, (name, path) in enumerate(names.items(), 1):
        on_progress(Progress("analysing clips", number, len(names), "clip"))
        features = load_video_features(services, path, truths[path], finder.extractor)
        events[name], digests[name] = finder.predict(features).events, features.sha256
    score = score_clips(
        with_corrected_feet(events),
        {name: truths[path] for name, path in names.items()},
        tolerance_frames,
        own_uncertainty=own_uncertainty,
    )
    return ModelEvaluation(
        version=finder.version,
        score=score,
        trained_on=frozenset(
            name for name, digest in digests.items() if digest[:16] in finder.trained_on
        ),
        copies=find_copies(digests),
    )


def find_copies(digests: Mapping[str, str]) -> dict[str, str]:
    """Clips with the bytes of an earlier clip, and which that is; `digests` is SHA-256 by clip."""
    first: dict[str, str] = {}
    originals = {name: first.setdefault(digest, name) for name, digest in digests.items()}
    return {name: original for name, original in originals.items() if name != original}
