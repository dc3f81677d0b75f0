"""How a model comes to serve. Read from top to bottom."""

import logging
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from pushoff.errors import ExportWrong, NotEnough, StudioUnreachable
from pushoff.learning.dataset import frozen_frames
from pushoff.learning.promotion import decide
from pushoff.services import Services, open_services
from pushoff.storage.datasets import save_dataset
from pushoff.studio.export import pull_export
from pushoff.studio.labels import LabelsRead, read_labels
from pushoff.studio.project import label_count
from pushoff.values import Scorecard, Split
from worker.dataset import freeze_now, stored_image

log = logging.getLogger(__name__)

PULLS = 3
"""Tries to export while annotators work."""


def retrain(project_id: int, reason: str) -> dict[str, Any]:
    """Labels out of Label Studio, a frozen dataset, a candidate, a fair comparison, a decision.

    Returns what happened in words and numbers. Too few labels is an answer, not a failure. Safe
    to run twice and to be killed at any line: the dataset and the run folder are named by their
    content, and only the newest run may promote.
    Raises Superseded when a newer run has begun, and Upstream errors, which are tried again.
    """
    with open_services() as services:
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
    from pushoff.learning.classifier import write_card
    from pushoff.learning.evaluation import compare
    from pushoff.learning.training import TrainConfig, train

    settings, registry = services.settings, services.registry
    report = services.queue.report

    # 1. labels, as they stand now
    report({"stage": "pulling labels"})
    count = label_count(services.studio, project_id)
    labels, export_sha256 = _pull(services, project_id)
    services.queue.see_labels(project_id, count)

    # 2. a dataset that will never change, its held-out sessions those of the last one
    manifest, excluded = freeze_now(services, project_id, labels)
    fingerprint = save_dataset(services.storage, manifest)
    champion = registry.champion(project_id)

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
    if champion and champion.dataset_fingerprint == fingerprint:
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
    trained = train(frozen_frames(manifest, Split.TRAIN, Split.VAL), load, config, run_dir, report)

    # 4. candidate and champion on the same held-out sessions
    report({"stage": "comparing on held-out sessions"})
    champion_dir = registry.fetch(champion, services.model_cache) if champion else None
    result = compare(manifest, load, trained.model_dir, champion_dir, settings.seed)
    card = replace(trained.card, scorecard=result.candidate)
    write_card(trained.model_dir, card)
    decision = decide(
        result.candidate,
        result.champion,
        result.confidence,
        minimum_gain=settings.promotion_gain,
        minimum_confidence=settings.promotion_confidence,
    )

    # 5. keep it, and let it serve only if it won and nobody has overtaken this run
    with services.queue.commit_lock(project_id, run_number):
        version = registry.register(
            project_id,
            trained.model_dir,
            card,
            plots=result.plots,
            metrics=held_out_metrics(result.candidate),
            params=asdict(config),
            run_tags={
                "decision": decision.reason,
                "run_number": str(run_number),
                "export_sha256": export_sha256,
                "excluded": str(dict(excluded)),
            },
            history=trained.history,
        )
        if decision.promote:
            services.queue.check_fence(project_id, run_number)  # registering took a while
            expected = champion.version if champion else None
            registry.promote(project_id, version, decision.reason, expected)
    shutil.rmtree(run_dir, ignore_errors=True)  # decided: a run killed before this goes on from it
    if decision.promote:
        services.queue.ask_publish(project_id, reason=f"{version} promoted")
    return {
        "trained": True,
        "version": version,
        "promoted": decision.promote,
        "decision": f"{version} {decision.reason}",
        "candidate_f1": result.candidate.f1,
        "champion_f1": result.champion.f1 if result.champion else None,
        "held_out_frames": result.candidate.frames,
        "held_out_sessions": len(result.candidate.sessions),
        "footage": result.candidate.footage,
        "labels": len(manifest["frames"]),
        "excluded": dict(excluded),
    }


def _pull(services: Services, project_id: int) -> tuple[LabelsRead, str]:
    """What people said, and the SHA-256 of the export that says so.

    Somebody who labels meanwhile can make the counts disagree; then it is pulled again.
    """
    for attempt in range(1, PULLS + 1):
        try:
            snapshot = pull_export(services.studio, project_id, services.storage)
            break
        except ExportWrong as wrong:
            if attempt == PULLS:
                raise StudioUnreachable(f"{PULLS} exports in a row were no good: {wrong}") from None
            time.sleep(attempt)
    with services.storage.local_copy(snapshot.key) as path:
        return read_labels(path, services.interface(project_id)), snapshot.sha256


def _decided(
    services: Services, project_id: int, fingerprint: str, architecture: str
) -> str | None:
    """The version these labels have already given, once its decision has been taken.

    A run that was killed before it has left its folder, and is brought to its end first.
    """
    if services.run_dir(project_id, fingerprint).exists():
        return None
    for model in services.registry.list(project_id):
        if (model.dataset_fingerprint, model.architecture) == (fingerprint, architecture):
            return model.version
    return None


def held_out_metrics(card: Scorecard) -> Mapping[str, float]:
    """The scorecard's numbers under the names MLflow shows."""
    names = ("precision", "recall", "f1", "average_precision", "brier", "calibration_error")
    return {f"held_out_{name}": getattr(card, name) for name in names}
