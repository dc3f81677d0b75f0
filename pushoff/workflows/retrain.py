"""How a backbone is trained, given heads, compared, registered and promoted. Top to bottom."""

import logging
import shutil
from dataclasses import asdict
from typing import TYPE_CHECKING

from pushoff.errors import NotEnough, Superseded, TooFewLabels
from pushoff.learning.data.backbone_folds import names_seen
from pushoff.learning.data.splits import training_splits
from pushoff.notify.message import Kind
from pushoff.services import Services
from pushoff.studio.project import label_count
from pushoff.util.progress import Progress
from pushoff.values import Split
from pushoff.workflows.results import RetrainResult, TrainingOutcome
from pushoff.workflows.steps.champion import load_champion
from pushoff.workflows.steps.data.freeze_dataset import freeze_dataset, stored_image
from pushoff.workflows.steps.data.pull_labels import pull_labels
from pushoff.workflows.steps.decide_and_register import Candidate, decide_and_register
from pushoff.workflows.steps.fit_heads import fit_heads
from pushoff.workflows.steps.request_analyses import request_analyses
from pushoff.workflows.steps.request_notification import request_notification
from pushoff.workflows.steps.request_publishes import request_publishes

if TYPE_CHECKING:
    from pushoff.learning.backbone.training import TrainConfig

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
    from pushoff.learning.backbone.training import train
    from pushoff.learning.features.feature_extractor import extractor_of_network

    settings, registry = services.settings, services.registry
    report = services.queue.jobs.report

    # 1. the labels as they stand
    report(Progress("pulling labels"))
    count = label_count(services.studio, project_id)
    labels, snapshot = pull_labels(services, project_id)
    services.queue.retrain_labels.remember_total(project_id, count)

    # 2. a data set that never changes; its groups stay in their folds
    dataset = freeze_dataset(services, project_id, labels)
    require_labels(len(dataset.manifest.frames), settings.retrain_min_labels)

    # 3. nothing to do when these very labels have been trained on
    champion = registry.champion()
    if (
        champion
        and not champion.backbone_of
        and champion.dataset_fingerprint == dataset.fingerprint
    ):
        # the run may have been killed between promoting and publishing: publishing again is safe
        shutil.rmtree(services.run_dir(project_id, dataset.fingerprint), ignore_errors=True)
        request_publishes(services, f"{champion.version} promoted")
        request_notification(services, Kind.MODEL_PROMOTED, champion.version)
        request_analyses(services)
        return _nothing_new(champion.version)
    earlier = _earlier_version(services, project_id, dataset.fingerprint)
    if earlier:
        return _nothing_new(earlier)

    # 4. a backbone that never sees the test fold; a run that was killed goes on from its last epoch
    config = train_config(services)
    run_dir = services.run_dir(project_id, dataset.fingerprint)
    splits = training_splits(dataset.manifest)
    rows = zip(dataset.manifest.frames, splits, strict=True)
    examples = [(frame, split) for frame, split in rows if split in (Split.TRAIN, Split.VAL)]
    trained = train(examples, stored_image(services), config, run_dir, report)

    # 5. both heads on its features, judged on the fold that the backbone did not see
    report(Progress("fitting heads"))
    extractor = extractor_of_network(
        trained.network, config.architecture, config.size_px, trained.initial_weights
    )
    saw = names_seen(dataset.manifest, splits)
    model, data = fit_heads(
        services, extractor, dataset, report, backbone_saw=saw, notes=trained.notes
    )

    # 6. compared with the champion; compared again when another one was promoted meanwhile
    candidate = Candidate(
        model=model,
        data=data,
        params=asdict(config),
        run_tags={"run_number": str(run_number), "export_sha256": snapshot.sha256},
        history=trained.history,
        with_plots=True,
    )
    while True:
        report(Progress("comparing with the champion"))
        try:
            outcome = decide_and_register(
                services,
                dataset,
                candidate,
                load_champion(services),
                fenced=(project_id, run_number),
            )
            break
        except Superseded:
            services.queue.retrain.check_run(
                project_id, run_number
            )  # raises when a newer run has begun

    # 7. the folder goes once the decision is taken: a killed run goes on from it
    shutil.rmtree(run_dir, ignore_errors=True)
    if outcome.promoted:
        request_publishes(services, f"{outcome.version} promoted")
        request_analyses(services)
    return outcome


def train_config(services: Services) -> "TrainConfig":
    """How a backbone is trained."""
    from pushoff.learning.backbone.training import TrainConfig

    settings = services.settings
    return TrainConfig(
        architecture=settings.architecture,
        weights=settings.weights,
        size_px=settings.size_px,
        max_epochs=settings.max_epochs,
        patience=settings.patience,
        minutes=settings.train_minutes,
        seed=settings.seed,
        accepted_weight=settings.accepted_weight,
    )


def require_labels(labels: int, minimum: int) -> None:
    """Raises TooFewLabels: a network overfits few labels that heads can still learn from."""
    if labels < minimum:
        raise TooFewLabels(
            f"{labels} usable labels, {minimum} are needed before the network is retrained; until "
            "then a refit fits its heads.",
            code="too_few_to_retrain",
            remedy=f"Label {minimum - labels} more frames.",
        )


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
