"""New labels show within seconds: heads on kept features, the same proof, a new order.

The backbone stays; the nightly retrain replaces it. Read from top to bottom.
"""

import logging
import shutil
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from pushoff.errors import NotEnough, Superseded
from pushoff.learning.evaluation.comparison import compare, comparison_summary, registry_metrics
from pushoff.learning.evaluation.promotion import decide
from pushoff.services import Services
from pushoff.storage.datasets import fingerprint_of
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.studio.project import label_count
from pushoff.values import Split
from pushoff.workflows.steps.dataset_features import DatasetFeatures
from pushoff.workflows.steps.extract_features import backbone_in_use, serving
from pushoff.workflows.steps.freeze_dataset import freeze_now
from pushoff.workflows.steps.publish_queue import publish_queue
from pushoff.workflows.steps.publish_timeline import publish_timeline
from pushoff.workflows.steps.pull_labels import labels_now

if TYPE_CHECKING:
    from pushoff.learning.frame.classifier import FrameClassifier

log = logging.getLogger(__name__)


def refit(services: Services, project_id: int, reason: str) -> dict[str, Any]:
    """Fit heads on the labels as they stand, prove them, promote or keep, lay out the queue.

    A refit is a version like any other: registered with its dataset and card, scored on the
    held-out sessions against the champion, promoted by the same rule, rolled back the same way.
    The queue's order is made anew whatever is decided. Safe to run twice: the same labels give the
    same weights, and so the same version. Of whole videos each labelled frame is learnt from; their
    suggestions are pushed where the model that reads them has changed. Raises Upstream errors,
    which are tried again.
    """
    with services.queue.publish_lock(project_id):
        clock = Stopwatch()
        services.queue.begin_refit(project_id, label_count(services.studio, project_id))
        interface = services.interface(project_id)
        now = labels_now(services, project_id, interface)
        clock("labels")
        served = serving(services, project_id)
        clock("model")
        outcome: dict[str, Any] = {"project": project_id, "reason": reason, "promoted": False}
        try:
            served, decided = _decided(services, project_id, now.read, served, clock)
            outcome |= decided
        except (NotEnough, Superseded) as why:
            outcome |= {"decision": str(why)}
        if isinstance(interface, TimelineInterface):
            laid = asdict(publish_timeline(services, project_id, reason))
            clock("push")
        else:
            laid = asdict(
                publish_queue(services, project_id, reason, interface, served, now, clock)
            )
        log.info("project %d refit: %s", project_id, outcome["decision"])
        return {**outcome, **laid, "seconds": clock.parts}


class Stopwatch:
    """Seconds of each part of a job, by name; parts of one name add up."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = {}
        self._last = time.monotonic()

    def __call__(self, part: str) -> None:
        """The part that just ended."""
        now = time.monotonic()
        self.parts[part] = round(self.parts.get(part, 0.0) + now - self._last, 3)
        self._last = now


def _decided(
    services: Services,
    project_id: int,
    labels: ExportedLabels,
    served: "tuple[str, FrameClassifier] | None",
    clock: Stopwatch,
) -> "tuple[tuple[str, FrameClassifier] | None, dict[str, Any]]":
    """Who serves from now on, and what is to be told. Raises NotEnough, Superseded."""
    from pushoff.learning.frame.classifier import write_card
    from pushoff.learning.frame.refit import blank_card
    from pushoff.learning.frame.refit import refit as fit_heads

    settings, registry = services.settings, services.registry
    champion, model = served if served else (None, None)

    # 1. the dataset, its held-out sessions those of the last one
    manifest, excluded = freeze_now(services, project_id, labels, trust_last=True)
    fingerprint = fingerprint_of(manifest)
    clock("dataset")

    # 2. what the backbone makes of it
    backbone = backbone_in_use(services, model)
    described = DatasetFeatures(services, backbone, manifest, labels)
    clock("features")

    # 3. heads
    folder = services.run_dir(project_id, f"{fingerprint[:8]}-refit")
    shutil.rmtree(folder, ignore_errors=True)
    candidate = fit_heads(
        backbone,
        described.examples(Split.TRAIN, settings.accepted_weight),
        described.examples(Split.VAL),
        blank_card(backbone, fingerprint, settings.seed, champion or ""),
        folder,
    )
    if model and candidate.card.weights_sha256 == model.card.weights_sha256:
        return served, {"decision": f"nothing new: {champion} has exactly these heads"}
    clock("fit")

    # 4. candidate and champion on the same held-out sessions
    result = compare(
        described.frames(Split.TEST),
        bool(manifest["independent"]),
        described.answers(candidate, Split.TEST),
        described.answers(model, Split.TEST) if model else None,
        settings.seed,
    )
    candidate.card = replace(candidate.card, scorecard=result.candidate)
    write_card(folder, candidate.card)
    decision = decide(
        result.candidate,
        result.champion,
        result.confidence,
        minimum_gain=settings.promotion_gain,
        minimum_confidence=settings.promotion_confidence,
    )
    clock("proof")

    # 5. kept in any case; serves only if it won, and if the champion is still the one it beat
    version = registry.register(
        project_id,
        folder,
        candidate.card,
        plots={},
        metrics=registry_metrics(result.candidate),
        params={"refit_of": champion or "", "labels": len(manifest["frames"])},
        run_tags={"decision": decision.reason, "excluded": str(dict(excluded))},
    )
    if decision.promote:
        registry.promote(project_id, version, decision.reason, champion)
        served = version, candidate
    shutil.rmtree(folder, ignore_errors=True)
    clock("registry")
    return served, {
        "version": version,
        "promoted": decision.promote,
        "decision": f"{version} {decision.reason}",
        **comparison_summary(result),
        "labels": len(manifest["frames"]),
        "temporal": bool(candidate.card.offsets_s),
        "excluded": dict(excluded),
    }
