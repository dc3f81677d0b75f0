"""How a frame model is trained, compared, registered and promoted. Read from top to bottom."""

import logging
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import NotEnough, Superseded
from pushoff.services import Services
from pushoff.studio.project import label_count
from pushoff.util.progress import Progress
from pushoff.values import Split
from pushoff.workflows.results import RetrainResult, TrainingOutcome
from pushoff.workflows.steps.champion import load_champion
from pushoff.workflows.steps.dataset_features import DatasetFeatures, dataset_features
from pushoff.workflows.steps.decide_and_register import Candidate, decide_and_register
from pushoff.workflows.steps.freeze_dataset import freeze_dataset, stored_image
from pushoff.workflows.steps.pull_labels import pull_labels

if TYPE_CHECKING:
    from pushoff.learning.frame.classifier import FrameClassifier
    from pushoff.learning.frame.training import Trained

log = logging.getLogger(__name__)


def retrain(services: Services, project_id: int, reason: str) -> RetrainResult:
    """Pull the labels, freeze a data set, train a candidate, compare it, promote or keep it.

    Too few labels are an outcome, not a failure. Safe to run twice and to be killed at any line:
    data set and run folder are named by their content, and only the newest run may promote.
    Raises Superseded when a newer run has begun, and Upstream errors, after which the job is tried
    again.
    """
    run_number, generation = services.queue.retrain.begin_run(project_id)
    try:
        outcome = _train_and_decide(services, project_id, run_number)
    except NotEnough as error:
        outcome = TrainingOutcome(decision=str(error))
    services.queue.retrain.finish_run(project_id, run_number, generation)
    log.info("project %d run %d: %s", project_id, run_number, outcome.decision)
    return RetrainResult(project_id, reason, run_number, outcome)


def _train_and_decide(services: Services, project_id: int, run_number: int) -> TrainingOutcome:
    from pushoff.learning.feature_extractor import extractor_of
    from pushoff.learning.frame.classifier import load_model
    from pushoff.learning.frame.training import TrainConfig, train

    settings, registry = services.settings, services.registry
    report = services.queue.jobs.report

    # 1. the labels as they stand
    report(Progress("pulling labels"))
    count = label_count(services.studio, project_id)
    labels, snapshot = pull_labels(services, project_id)
    services.queue.retrain_labels.remember_total(project_id, count)

    # 2. a data set that never changes; its held-out sessions are those of the last one
    dataset = freeze_dataset(services, project_id, labels)

    # 3. nothing to do when these very labels have been trained on
    champion = registry.champion()
    if (
        champion
        and not champion.backbone_of
        and champion.dataset_fingerprint == dataset.fingerprint
    ):
        # the run may have been killed between promoting and publishing: publishing again is safe
        services.queue.request.publish(project_id, reason=f"{champion.version} promoted")
        return _nothing_new(champion.version)
    earlier = _earlier_version(services, project_id, dataset.fingerprint)
    if earlier:
        return _nothing_new(earlier)

    # 4. a candidate; a run that was killed goes on from its last epoch
    config = TrainConfig(
        architecture=settings.architecture,
        weights=settings.weights,
        size_px=settings.size_px,
        max_epochs=settings.max_epochs,
        patience=settings.patience,
        minutes=settings.train_minutes,
        seed=settings.seed,
        accepted_weight=settings.accepted_weight,
        dataset_fingerprint=dataset.fingerprint,
    )
    run_dir = services.run_dir(project_id, dataset.fingerprint)
    examples = [frame for frame in dataset.frames if frame.split in (Split.TRAIN, Split.VAL)]
    trained = train(examples, stored_image(services), config, run_dir, report)

    # 5. heads that also see neighbouring frames, where they are better on validation frames
    report(Progress("fitting heads"))
    network = load_model(trained.model_dir)
    features = dataset_features(services, extractor_of(network), dataset, labels)
    model, folder = _best_head(services, network, features, trained, run_dir)

    # 6. compared with the champion; compared again when another one was promoted meanwhile
    candidate = Candidate(
        model=model,
        folder=folder,
        features=features,
        params=asdict(config),
        run_tags={"run_number": str(run_number), "export_sha256": snapshot.sha256},
        history=trained.history,
        with_plots=True,
    )
    while True:
        report(Progress("comparing on held-out sessions"))
        try:
            outcome = decide_and_register(
                services,
                project_id,
                dataset,
                labels,
                candidate,
                load_champion(services),
                run_number=run_number,
            )
            break
        except Superseded:
            services.queue.retrain.check_run(
                project_id, run_number
            )  # raises when a newer run has begun

    # 7. the folder goes once the decision is taken: a killed run goes on from it
    shutil.rmtree(run_dir, ignore_errors=True)
    if outcome.promoted:
        services.queue.request.publish(project_id, reason=f"{outcome.version} promoted")
    return outcome


def _nothing_new(version: str) -> TrainingOutcome:
    return TrainingOutcome(decision=f"no change: {version} was already trained on these labels")


def _earlier_version(services: Services, project_id: int, fingerprint: str) -> str | None:
    """The version trained on this data set before, None when there is none.

    Also None while the run's folder is there: that run was killed before its decision, and is
    finished first.
    """
    if services.run_dir(project_id, fingerprint).exists():
        return None
    architecture = services.settings.architecture
    for model in services.registry.versions():
        same = (model.dataset_fingerprint, model.architecture) == (fingerprint, architecture)
        if same and not model.backbone_of:
            return model.version
    return None


def _best_head(
    services: Services,
    network: "FrameClassifier",
    features: DatasetFeatures,
    trained: "Trained",
    run_dir: Path,
) -> "tuple[FrameClassifier, Path]":
    """The better of the network's own last layer and refitted heads, with its folder.

    By average precision on validation frames; with too few push-offs there the network's own.
    """
    from pushoff.learning.evaluation.metrics import average_precision
    from pushoff.learning.feature_extractor import extractor_of
    from pushoff.learning.frame.refit import refit
    from pushoff.learning.frame.training import MIN_VAL_PUSH_OFFS

    labels = features.labels(Split.VAL)
    if labels.sum() < MIN_VAL_PUSH_OFFS:
        return network, trained.model_dir
    folder = run_dir / "heads"
    refitted = refit(
        extractor_of(network),
        features.examples(Split.TRAIN, services.settings.accepted_weight),
        features.examples(Split.VAL),
        trained.card,
        folder,
    )
    network_precision, refitted_precision = (
        average_precision(features.predictions(model, Split.VAL).probabilities, labels)
        for model in (network, refitted)
    )
    if refitted_precision > network_precision:
        return refitted, folder
    return network, trained.model_dir
