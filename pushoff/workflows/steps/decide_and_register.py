"""A trained candidate is compared with the champion, registered, and promoted if it is better.

Refit and retrain share this step, so that both decide by the same rule.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import Superseded
from pushoff.learning.evaluation.comparison import Comparison, compare, registry_metrics
from pushoff.learning.evaluation.promotion import decide
from pushoff.services import Services
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.values import Split
from pushoff.workflows.results import ComparisonSummary, TrainingOutcome
from pushoff.workflows.steps.dataset_features import DatasetFeatures, dataset_features
from pushoff.workflows.steps.freeze_dataset import FrozenDataset

if TYPE_CHECKING:
    from pushoff.learning.frame.classifier import FrameClassifier


@dataclass(frozen=True)
class Candidate:
    """A trained model that is not registered yet."""

    model: "FrameClassifier"
    folder: Path
    """Holds its weights and card; the card is rewritten with the scorecard."""
    features: DatasetFeatures
    """The data set's features by its own backbone."""
    params: Mapping[str, object]
    """What it was trained with, for the registry."""
    run_tags: Mapping[str, str] = field(default_factory=dict)
    history: Sequence[Mapping[str, float]] = ()
    """One entry per epoch; empty for a refit."""
    with_plots: bool = False


def decide_and_register(
    services: Services,
    project_id: int,
    dataset: FrozenDataset,
    labels: ExportedLabels,
    candidate: Candidate,
    champion: "tuple[str, FrameClassifier] | None",
    *,
    run_number: int | None = None,
    on_part: Callable[[str], None] = lambda part: None,
) -> TrainingOutcome:
    """Register the candidate in any case; promote it if it beats the champion on held-out frames.

    `champion` is its version and model. `run_number` is the fencing number of a retrain; a refit
    has none, for it holds the project's publish lock. `on_part` is called with the name of each
    part that ended. Safe to be killed at any line and to run again: the same weights are registered
    once. Raises Superseded when the champion is no longer the one compared with, or a newer run has
    begun; nothing is promoted then.
    """
    from pushoff.learning.evaluation.plots import plots
    from pushoff.learning.frame.classifier import write_card

    settings, registry = services.settings, services.registry
    result, features = _compare(services, dataset, labels, candidate, champion)
    card = replace(candidate.model.card, scorecard=result.candidate)
    write_card(candidate.folder, card)
    decision = decide(
        result.candidate,
        result.champion,
        result.confidence,
        minimum_gain=settings.promotion_gain,
        minimum_confidence=settings.promotion_confidence,
    )
    on_part("comparison")

    images = {}
    if candidate.with_plots:
        predictions = features.predictions(candidate.model, Split.TEST)
        images = plots(
            predictions.probabilities, features.labels(Split.TEST), predictions.threshold
        )
    expected = champion[0] if champion else None
    with _commit_lock(services, project_id, run_number):
        current = registry.champion()
        if (current.version if current else None) != expected:
            raise Superseded(f"The champion is no longer {expected}.")
        version = registry.register(
            candidate.folder,
            card,
            plots=images,
            metrics=registry_metrics(result.candidate),
            params=candidate.params,
            run_tags={
                "decision": decision.reason,
                "excluded": str(dict(dataset.excluded)),
                **candidate.run_tags,
            },
            history=candidate.history,
        )
        if decision.promote:
            if run_number is not None:
                services.queue.retrain.check_run(
                    project_id, run_number
                )  # registering takes a while
            registry.promote(version, decision.reason, expected)
    on_part("registry")
    return TrainingOutcome(
        decision=f"{version} {decision.reason}",
        version=version,
        promoted=decision.promote,
        labels=len(dataset.frames),
        temporal=bool(card.offsets_s),
        excluded=dict(dataset.excluded),
        comparison=ComparisonSummary(
            candidate_f1=result.candidate.f1,
            champion_f1=result.champion.f1 if result.champion else None,
            held_out_frames=result.candidate.frames,
            held_out_sessions=len(result.candidate.sessions),
            footage=result.candidate.footage,
        ),
    )


@contextmanager
def _commit_lock(services: Services, project_id: int, run_number: int | None) -> Iterator[None]:
    """Around registering and promoting. Raises Superseded when a newer retrain has begun."""
    if run_number is None:
        yield
        return
    with services.queue.retrain.commit_lock(project_id, run_number):
        yield


def _compare(
    services: Services,
    dataset: FrozenDataset,
    labels: ExportedLabels,
    candidate: Candidate,
    champion: "tuple[str, FrameClassifier] | None",
) -> tuple[Comparison, DatasetFeatures]:
    """Both models on the held-out frames, and the candidate's features of the compared frames.

    Those are the frames of which both backbones have features.
    """
    from pushoff.learning.feature_extractor import extractor_of

    own, predictions = candidate.features, None
    if champion:
        _, model = champion
        backbone = extractor_of(model)
        if backbone.fingerprint == own.store.backbone:
            theirs = own
        else:
            theirs = dataset_features(services, backbone, dataset, labels)
        both = own.keys & theirs.keys
        own = own.restricted_to(both)
        predictions = theirs.restricted_to(both).predictions(model, Split.TEST)
    result = compare(
        own.frames(Split.TEST),
        dataset.independent,
        own.predictions(candidate.model, Split.TEST),
        predictions,
        services.settings.seed,
    )
    return result, own
