"""An event model is scored on labelled clips, as the field scores event spotting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.services import Services
from pushoff.util.progress import OnProgress, Progress
from pushoff.workflows.steps.labelled_clips import clip_name, ground_truths_of, load_video_features

if TYPE_CHECKING:
    from pushoff.events.scoring import EventScore
    from pushoff.events.values import PushOffEvent


@dataclass(frozen=True)
class EventEvaluation:
    """The score of one event model, and which of its clips are no evidence."""

    version: str
    score: "EventScore"
    trained_on: frozenset[str]
    """Clips that the model was trained on, or copies of such."""
    copies: Mapping[str, str]
    """Clips that are copies of an earlier clip, and which that is."""


def evaluate_event_model(
    services: Services,
    folders: Sequence[Path],
    model_version: str | None,
    *,
    tolerance_frames: int,
    own_uncertainty: bool,
    on_progress: OnProgress,
) -> EventEvaluation:
    """Score a version, by default the champion, on the clips of folders with an events.json.

    Only the range in which a clip is completely labelled counts. With `own_uncertainty` the
    tolerance of each label is larger by the label's own uncertainty. Raises BadInput, VideoRefused,
    NoSuchModel, ModelRefused, RegistryUnavailable, StorageFailed.
    """
    from pushoff.events.scoring import score_clips
    from pushoff.learning.features.feature_extractor import WITH_MIRROR
    from pushoff.learning.heads.training import with_corrected_feet
    from pushoff.learning.model.champion import load_event_champion

    truths = ground_truths_of(folders)
    names = {clip_name(path, list(truths)): path for path in truths}
    version, model = load_event_champion(services.registry, services.model_cache, model_version)
    events: dict[str, list[PushOffEvent]] = {}
    digests: dict[str, str] = {}
    for number, (name, path) in enumerate(names.items(), 1):
        on_progress(Progress("analysing clips", number, len(names), "clip"))
        features = load_video_features(services, path, truths[path], model.extractor, WITH_MIRROR)
        events[name], digests[name] = model.find_events(features), features.sha256
    score = score_clips(
        with_corrected_feet(events),
        {name: truths[path] for name, path in names.items()},
        tolerance_frames,
        own_uncertainty=own_uncertainty,
    )
    return EventEvaluation(
        version=version,
        score=score,
        trained_on=frozenset(
            name for name, digest in digests.items() if digest[:16] in model.settings.trained_on
        ),
        copies=find_copies(digests),
    )


def find_copies(digests: Mapping[str, str]) -> dict[str, str]:
    """Clips with the bytes of an earlier clip, and which that is; `digests` is SHA-256 by clip."""
    first: dict[str, str] = {}
    originals = {name: first.setdefault(digest, name) for name, digest in digests.items()}
    return {name: original for name, original in originals.items() if name != original}
