"""How a model comes to serve. Read from top to bottom."""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pushoff.errors import NotEnough, Superseded
from pushoff.learning.data.dataset import dataset_frames
from pushoff.learning.evaluation.comparison import (
    Comparison,
    compare,
    comparison_summary,
    registry_metrics,
)
from pushoff.learning.evaluation.promotion import decide
from pushoff.services import Services
from pushoff.storage.datasets import fingerprint_of
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.studio.project import label_count
from pushoff.util.progress import Progress
from pushoff.values import Split
from pushoff.workflows.steps.dataset_features import DatasetFeatures
from pushoff.workflows.steps.extract_features import serving
from pushoff.workflows.steps.freeze_dataset import freeze_now, stored_image
from pushoff.workflows.steps.pull_labels import pull_labels

if TYPE_CHECKING:
    from pushoff.learning.frame.classifier import FrameClassifier
    from pushoff.learning.frame.training import Trained

log = logging.getLogger(__name__)


def retrain(services: Services, project_id: int, reason: str) -> dict[str, Any]:
    """Labels out of Label Studio, a frozen dataset, a candidate, a fair comparison, a decision.

    Returns what happened in words and numbers. Too few labels is an answer, not a failure. Safe
    to run twice and to be killed at any line: the dataset and the run folder are named by their
    content, and only the newest run may promote.
    Raises Superseded when a newer run has begun, and Upstream errors, which are tried again.
    """
    run_number, generation = services.queue.begin_run(project_id)
    outcome: dict[str, Any] = {"project": project_id, "run": run_number, "reason": reason}
    try:
        outcome |= _run(services, project_id, run_number)
    except NotEnough as why:
        outcome |= {"trained": False, "decision": str(why)}
    services.queue.finish_run(project_id, run_number, generation)
    log.info("project %d run %d: %s", project_id, run_number, outcome["decision"])
    return outcome


def _run(services: Services, project_id: int, run_number: int) -> dict[str, Any]:
    from pushoff.learning.evaluation.plots import plots
    from pushoff.learning.frame.backbone import backbone_of
    from pushoff.learning.frame.classifier import load_model, write_card
    from pushoff.learning.frame.training import TrainConfig, train

    settings, registry = services.settings, services.registry
    report = services.queue.report

    # 1. labels, as they stand now
    report(Progress("pulling labels"))
    count = label_count(services.studio, project_id)
    labels, snapshot = pull_labels(services, project_id)
    services.queue.see_labels(project_id, count)

    # 2. a dataset that will never change, its held-out sessions those of the last one
    manifest, excluded = freeze_now(services, project_id, labels)
    fingerprint = fingerprint_of(manifest)

    # 3. a candidate; killed and run again, it goes on from its last epoch
    config = TrainConfig(
        architecture=settings.architecture,
        weights=settings.weights,
        size_px=settings.size_px,
        max_epochs=settings.max_epochs,
        patience=settings.patience,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        minutes=settings.train_minutes,
        seed=settings.seed,
        accepted_weight=settings.accepted_weight,
        dataset_fingerprint=fingerprint,
    )
    known = _decided(services, project_id, fingerprint, config.architecture)
    champion = registry.champion(project_id)
    if champion and not champion.backbone_of and champion.dataset_fingerprint == fingerprint:
        # perhaps killed between promoting and publishing: asking again does no harm
        services.queue.ask_publish(project_id, reason=f"{champion.version} serves")
        known = champion.version
    if known:
        return {
            "trained": False,
            "decision": f"nothing new: {known} was trained on exactly these labels",
        }
    load = stored_image(services)
    run_dir = services.run_dir(project_id, fingerprint)
    trained = train(dataset_frames(manifest, Split.TRAIN, Split.VAL), load, config, run_dir, report)

    # 4. heads that see neighbouring frames, too, where validation says they are better
    report(Progress("fitting heads"))
    network = load_model(trained.model_dir)
    described = DatasetFeatures(services, backbone_of(network), manifest, labels)
    candidate, model_dir = _best_head(services, network, described, trained, run_dir)

    # 5. candidate and champion on the same held-out sessions; a refit may change the champion
    while True:
        report(Progress("comparing on held-out sessions"))
        served = serving(services, project_id)
        result = _compared(services, manifest, labels, described, candidate, served)
        card = replace(candidate.card, scorecard=result.candidate)
        write_card(model_dir, card)
        decision = decide(
            result.candidate,
            result.champion,
            result.confidence,
            minimum_gain=settings.promotion_gain,
            minimum_confidence=settings.promotion_confidence,
        )
        # 6. keep it, and let it serve only if it won and nobody has overtaken this run
        expected = served[0] if served else None
        with services.queue.commit_lock(project_id, run_number):
            now = registry.champion(project_id)
            if (now.version if now else None) != expected:
                continue
            held_out = described.frames(Split.TEST)
            judged = described.answers(candidate, Split.TEST)
            version = registry.register(
                project_id,
                model_dir,
                card,
                plots=plots(
                    judged.probabilities,
                    np.array([int(one.label) for one in held_out]),
                    judged.threshold,
                ),
                metrics=registry_metrics(result.candidate),
                params=asdict(config),
                run_tags={
                    "decision": decision.reason,
                    "run_number": str(run_number),
                    "export_sha256": snapshot.sha256,
                    "excluded": str(dict(excluded)),
                },
                history=trained.history,
            )
            if decision.promote:
                services.queue.check_fence(project_id, run_number)  # registering took a while
                try:
                    registry.promote(project_id, version, decision.reason, expected)
                except Superseded:
                    services.queue.check_fence(project_id, run_number)
                    continue  # a refit was faster: compare with its champion
            break
    shutil.rmtree(run_dir, ignore_errors=True)  # decided: a run killed before this goes on from it
    if decision.promote:
        services.queue.ask_publish(project_id, reason=f"{version} promoted")
    return {
        "trained": True,
        "version": version,
        "promoted": decision.promote,
        "decision": f"{version} {decision.reason}",
        **comparison_summary(result),
        "labels": len(manifest["frames"]),
        "temporal": bool(card.offsets_s),
        "excluded": dict(excluded),
    }


def _best_head(
    services: Services,
    network: "FrameClassifier",
    described: DatasetFeatures,
    trained: "Trained",
    run_dir: Path,
) -> "tuple[FrameClassifier, Path]":
    """The network with its own last layer or with heads fitted on what it sees, and its folder."""
    from pushoff.learning.evaluation.metrics import average_precision
    from pushoff.learning.frame.backbone import backbone_of
    from pushoff.learning.frame.refit import refit
    from pushoff.learning.frame.training import CHOOSE_FROM

    y = np.array([int(one.label) for one in described.frames(Split.VAL)])
    if y.sum() < CHOOSE_FROM:
        return network, trained.model_dir  # too few push-offs to choose by
    folder = run_dir / "heads"
    fitted = refit(
        backbone_of(network),
        described.examples(Split.TRAIN, services.settings.accepted_weight),
        described.examples(Split.VAL),
        trained.card,
        folder,
    )
    own, theirs = (
        average_precision(described.answers(one, Split.VAL).probabilities, y)
        for one in (network, fitted)
    )
    return (fitted, folder) if theirs > own else (network, trained.model_dir)


def _compared(
    services: Services,
    manifest: Mapping[str, Any],
    labels: ExportedLabels,
    described: DatasetFeatures,
    candidate: "FrameClassifier",
    served: "tuple[str, FrameClassifier] | None",
) -> Comparison:
    """Each model sees the held-out frames through its own backbone."""
    from pushoff.learning.frame.backbone import backbone_of

    champion = None
    if served:
        theirs = DatasetFeatures(services, backbone_of(served[1]), manifest, labels)
        described.keep(theirs.keys)
        theirs.keep(described.keys)
        champion = theirs.answers(served[1], Split.TEST)
    return compare(
        described.frames(Split.TEST),
        bool(manifest["independent"]),
        described.answers(candidate, Split.TEST),
        champion,
        services.settings.seed,
    )


def _decided(
    services: Services, project_id: int, fingerprint: str, architecture: str
) -> str | None:
    """The version these labels have already given, once its decision has been taken.

    A run that was killed before it has left its folder, and is brought to its end first.
    """
    if services.run_dir(project_id, fingerprint).exists():
        return None
    for model in services.registry.versions(project_id):
        same = (model.dataset_fingerprint, model.architecture) == (fingerprint, architecture)
        if same and not model.backbone_of:
            return model.version
    return None
