"""New labels update the model in seconds: heads on stored features, then a new queue.

The backbone stays; the nightly retrain replaces it. Read from top to bottom.
"""

import logging
import shutil
import time
from typing import TYPE_CHECKING

from pushoff.errors import NotEnough, Superseded
from pushoff.services import Services
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.studio.project import label_count
from pushoff.values import Split
from pushoff.workflows.results import RefitResult, TrainingOutcome
from pushoff.workflows.steps.champion import backbone_in_use, load_champion
from pushoff.workflows.steps.dataset_features import dataset_features
from pushoff.workflows.steps.decide_and_register import Candidate, decide_and_register
from pushoff.workflows.steps.freeze_dataset import freeze_dataset
from pushoff.workflows.steps.publish_queue import publish_queue
from pushoff.workflows.steps.publish_timeline import publish_timeline
from pushoff.workflows.steps.pull_labels import current_labels

if TYPE_CHECKING:
    from pushoff.learning.frame.classifier import FrameClassifier

log = logging.getLogger(__name__)


def refit(services: Services, project_id: int, reason: str) -> RefitResult:
    """Fit heads on the labels as they stand, promote them if they are better, publish the queue.

    A refit is a version like any other: registered with its data set and card, compared with the
    champion on held-out frames, promoted by the same rule, rolled back the same way. The queue is
    published anew whatever is decided. Safe to run twice: the same labels give the same weights,
    and so the same version. In a project of whole videos each labelled frame is an example.
    Raises Upstream errors, after which the job is tried again.
    """
    with services.queue.locks.publish(project_id):
        timer = PartTimer()
        services.queue.refit_labels.begin_training(
            project_id, label_count(services.studio, project_id)
        )
        interface = services.interface(project_id)
        labels = current_labels(services, project_id, interface)
        timer("labels")
        champion = load_champion(services)
        timer("model")
        try:
            outcome, champion = _refit_heads(services, project_id, labels.exported, champion, timer)
        except (NotEnough, Superseded) as error:
            outcome = TrainingOutcome(decision=str(error))
        if isinstance(interface, TimelineInterface):
            publication = publish_timeline(services, project_id, reason)
            timer("push")
        else:
            publication = publish_queue(
                services, project_id, reason, interface, champion, labels, timer
            )
        log.info("project %d refit: %s", project_id, outcome.decision)
        return RefitResult(outcome, publication, timer.seconds)


class PartTimer:
    """Seconds of each part of a job, by name; parts of one name add up."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def __call__(self, part: str) -> None:
        """Add the time since the last call to `part`."""
        now = time.monotonic()
        self.seconds[part] = round(self.seconds.get(part, 0.0) + now - self._last, 3)
        self._last = now


def _refit_heads(
    services: Services,
    project_id: int,
    labels: ExportedLabels,
    champion: "tuple[str, FrameClassifier] | None",
    timer: PartTimer,
) -> "tuple[TrainingOutcome, tuple[str, FrameClassifier] | None]":
    """What was decided, and the champion from now on.

    Raises NotEnough when there are too few labels, Superseded when the champion changed meanwhile.
    """
    from pushoff.learning.frame.refit import initial_card
    from pushoff.learning.frame.refit import refit as fit_heads

    settings = services.settings
    version, model = champion or ("", None)

    # 1. a data set whose held-out sessions are those of the last one
    dataset = freeze_dataset(services, project_id, labels, reuse_images=True)
    timer("dataset")

    # 2. its features, by the champion's backbone
    backbone = backbone_in_use(services, model)
    features = dataset_features(services, backbone, dataset, labels)
    timer("features")

    # 3. heads
    folder = services.run_dir(project_id, f"{dataset.fingerprint[:8]}-refit")
    shutil.rmtree(folder, ignore_errors=True)  # of a refit that was killed
    try:
        fitted = fit_heads(
            backbone,
            features.examples(Split.TRAIN, settings.accepted_weight),
            features.examples(Split.VAL),
            initial_card(backbone, dataset.fingerprint, settings.seed, version),
            folder,
        )
        if model and fitted.card.weights_sha256 == model.card.weights_sha256:
            decision = f"no change: {version} already has the same heads"
            return TrainingOutcome(decision=decision), champion
        timer("fit")

        # 4. compared with the champion, registered, promoted if it is better
        candidate = Candidate(
            model=fitted,
            folder=folder,
            features=features,
            params={"refit_of": version, "labels": len(dataset.frames)},
        )
        outcome = decide_and_register(
            services, project_id, dataset, labels, candidate, champion, on_part=timer
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if outcome.promoted and outcome.version:
        champion = outcome.version, fitted
    return outcome, champion
