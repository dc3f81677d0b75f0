"""A fitted candidate is compared with the champion, registered, and promoted if it is better.

Refit, retrain and `pushoff train` share this step, so that all decide by the same rule.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import Superseded
from pushoff.learning.evaluation.comparison import Comparison, compare, registry_metrics
from pushoff.learning.evaluation.held_out import HeldOutFrames
from pushoff.learning.evaluation.metrics import score
from pushoff.learning.evaluation.promotion import Champion, decide, is_proven
from pushoff.learning.registry.learning_progress import LearningProgress, progress_json
from pushoff.learning.registry.versions import RegisteredModel
from pushoff.notify.message import Kind
from pushoff.services import Services
from pushoff.values import PromotionDecision, Scorecard
from pushoff.workflows.results import ComparisonSummary, TrainingOutcome
from pushoff.workflows.steps.champion import NO_CHAMPION, LoadedChampion
from pushoff.workflows.steps.data.freeze_dataset import FrozenDataset
from pushoff.workflows.steps.data.held_out_frames import (
    held_out_frames,
    of_rules,
    with_new_videos,
)
from pushoff.workflows.steps.request_notification import request_notification

if TYPE_CHECKING:
    from pushoff.learning.heads.training_data import TrainingData
    from pushoff.learning.model.model import PushOffModel


@dataclass(frozen=True)
class Candidate:
    """A fitted model that is not registered yet."""

    model: "PushOffModel"
    data: "TrainingData"
    """What it was fitted on."""
    params: Mapping[str, object]
    """What it was trained with, for the registry."""
    run_tags: Mapping[str, str] = field(default_factory=dict)
    history: Sequence[Mapping[str, float]] = ()
    """One entry per epoch of the backbone's training; empty for a refit."""
    with_plots: bool = False


def decide_and_register(
    services: Services,
    dataset: FrozenDataset,
    candidate: Candidate,
    champion: LoadedChampion = NO_CHAMPION,
    *,
    promote: bool = True,
    fenced: "tuple[int, int] | None" = None,
    on_part: Callable[[str], None] = lambda part: None,
) -> TrainingOutcome:
    """Register the candidate in any case; promote it if it is proven better than the champion.

    `promote=False` registers without asking for a decision. `fenced` is the project and the fencing
    number of a retrain; a refit has none, for it holds the project's publish lock. `on_part` is
    called with the name of each part that ended. Safe to be killed at any line and to run again:
    the same weights are registered once. Raises Superseded when the champion is no longer the one
    compared with, or a newer run has begun; nothing is promoted then.
    """
    from pushoff.learning.model.model_file import save_model

    held_out = held_out_frames(candidate.data, candidate.model.held_out)
    scorecard = score(held_out, services.settings.seed) if len(held_out.labels) else None
    decision, comparison = _decide(services, dataset, candidate, champion, held_out, scorecard)
    if not promote:
        reason = "registered: promotion was not requested"
        decision = replace(decision, promote=False, reason=reason)
    on_part("comparison")

    registry = services.registry
    with tempfile.TemporaryDirectory(prefix="model-", dir=services.scratch) as name:
        card = replace(candidate.model.card, scorecard=scorecard)
        card = save_model(Path(name), replace(candidate.model, card=card))
        with _commit_lock(services, fenced):
            current = registry.champion()
            progress = _progress(dataset, scorecard, comparison, current)
            if (current.version if current else None) != champion.version:
                raise Superseded(f"the champion is no longer {champion.version}")
            version = registry.register(
                Path(name),
                card,
                plots=_plots(held_out) if candidate.with_plots else {},
                metrics=registry_metrics(scorecard) if scorecard else {},
                params=candidate.params,
                run_tags={
                    "decision": decision.reason,
                    "excluded": str(dict(dataset.excluded)),
                    "progress": progress_json(progress),
                    **candidate.run_tags,
                },
                history=candidate.history,
            )
            if decision.promote:
                if fenced:
                    services.queue.retrain.check_run(*fenced)  # registering takes a while
                registry.promote(version, decision.reason, champion.version)
    if decision.promote:
        request_notification(services, Kind.MODEL_PROMOTED, version)
    on_part("registry")
    return TrainingOutcome(
        decision=f"{version} {decision.reason}",
        version=version,
        promoted=decision.promote,
        labels=len(dataset.manifest.frames),
        excluded=dict(dataset.excluded),
        comparison=_summary(scorecard, comparison) if scorecard else None,
    )


@contextmanager
def _commit_lock(services: Services, fenced: "tuple[int, int] | None") -> Iterator[None]:
    """Around registering and promoting. Raises Superseded when a newer retrain has begun."""
    if fenced is None:
        yield
        return
    with services.queue.retrain.commit_lock(*fenced):
        yield


def _decide(
    services: Services,
    dataset: FrozenDataset,
    candidate: Candidate,
    champion: LoadedChampion,
    held_out: HeldOutFrames,
    scorecard: Scorecard | None,
) -> tuple[PromotionDecision, Comparison | None]:
    """The decision, and both scored on the frames that both held out."""
    settings, comparison = services.settings, None
    if champion.model:
        predictions = with_new_videos(services, champion.model, dataset.manifest)
        theirs = held_out_frames(candidate.data, predictions)
        comparison = compare(held_out, theirs, settings.seed)
    starter = None
    if champion.model is None or not is_proven(champion.model.card.scorecard):
        starter = compare(
            held_out, held_out_frames(candidate.data, of_rules(candidate.data)), settings.seed
        )
    decision = decide(
        scorecard,
        _as_champion(champion, candidate.model.card.labels),
        comparison,
        starter=starter,
        minimum_gain=settings.promotion_gain,
        minimum_confidence=settings.promotion_confidence,
    )
    return decision, comparison


def _as_champion(champion: LoadedChampion, labels: int) -> Champion | None:
    if champion.version is None:
        return None
    card = champion.model.card if champion.model else None
    return Champion(
        champion.version,
        card.scorecard if card else None,
        has_fewer_labels=card is None or card.labels < labels,
        refusal=champion.refusal,
    )


def _progress(
    dataset: FrozenDataset,
    scorecard: Scorecard | None,
    comparison: Comparison | None,
    champion: RegisteredModel | None,
) -> LearningProgress:
    """What the candidate learnt beyond the champion."""
    candidate = comparison.candidate if comparison else scorecard
    known = champion.progress.checked_sessions if champion else 0
    checked = len(dataset.checked)
    return LearningProgress(
        checked_sessions=checked,
        new_sessions=max(checked - known, 0),
        f1_within_1=candidate.f1_within_1 if candidate else None,
        champion_f1_within_1=comparison.champion.f1_within_1 if comparison else None,
        split_by=dataset.manifest.split_by,
        excluded={reason: count for reason, count in dataset.excluded.items() if count},
    )


def _plots(held_out: HeldOutFrames) -> dict[str, bytes]:
    from pushoff.learning.evaluation.plots import plots

    return plots(held_out) if len(held_out.labels) else {}


def _summary(scorecard: Scorecard, comparison: Comparison | None) -> ComparisonSummary:
    """`scorecard` is the candidate's, of everything that it held out."""
    candidate = comparison.candidate if comparison else scorecard
    champion = comparison.champion if comparison else None
    return ComparisonSummary(
        average_precision=candidate.average_precision,
        f1_within_1=candidate.f1_within_1,
        champion_average_precision=champion.average_precision if champion else None,
        champion_f1_within_1=champion.f1_within_1 if champion else None,
        held_out_frames=candidate.frames,
        held_out_push_offs=candidate.push_offs,
        held_out_groups=len(candidate.groups),
        footage=candidate.footage,
        provisional=not scorecard.independent,
        proven=scorecard.proven,
    )
