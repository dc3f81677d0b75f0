"""New labels update the model in seconds: heads on stored features, then a new queue.

The backbone stays; the nightly retrain replaces it. Read from top to bottom.
"""

import logging
import time
from collections.abc import Callable

from pushoff.errors import NotEnough, Superseded
from pushoff.services import Services
from pushoff.studio.announcement import announce
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.studio.project import label_count
from pushoff.workflows.results import RefitResult, TrainingOutcome
from pushoff.workflows.steps.champion import LoadedChampion, backbone_in_use, load_champion
from pushoff.workflows.steps.data.freeze_dataset import freeze_dataset
from pushoff.workflows.steps.data.pull_labels import current_labels
from pushoff.workflows.steps.decide_and_register import Candidate, decide_and_register
from pushoff.workflows.steps.fit_heads import fit_heads
from pushoff.workflows.steps.publish_queue import publish_queue
from pushoff.workflows.steps.publish_timeline import publish_timeline
from pushoff.workflows.steps.request_analyses import request_analyses
from pushoff.workflows.steps.request_publishes import request_publishes

log = logging.getLogger(__name__)

ATTEMPTS = 3
"""How often one job fits the same labels because another version was promoted meanwhile."""


def refit(services: Services, project_id: int, reason: str) -> RefitResult:
    """Fit heads on the labels as they stand, promote them if they are better, publish the queue.

    A refit is a version like any other: registered with its data set and card, compared with the
    champion on what both held out, promoted by the same rule, rolled back the same way. The queue
    is published anew whatever is decided; after a promotion a publish is requested for every other
    project. Safe to run twice: the same labels give the same weights, and so the same version. In a
    project of whole videos each labelled frame is an example. Raises Upstream errors, after which
    the job is tried again.
    """
    with services.queue.locks.publish(project_id):
        timer = PartTimer()
        services.queue.refit_labels.begin_training(
            project_id, label_count(services.studio, project_id)
        )
        interface = services.interface(project_id)
        labels = current_labels(services, project_id, interface)
        timer("labels")
        outcome, champion = refit_heads(services, project_id, labels.exported, timer)
        if outcome.promoted:
            # first: were this project's own publication to fail, nothing would ask for the others
            request_publishes(services, f"{outcome.version} promoted", besides=project_id)
            request_analyses(services)
        if isinstance(interface, TimelineInterface):
            publication = publish_timeline(services, project_id, reason)
            timer("push")
        else:
            publication = publish_queue(
                services, project_id, reason, interface, champion, labels, timer
            )
        if outcome.promoted and publication.published:
            announce(services.studio, project_id, news(outcome))
        log.info("project %d refit: %s", project_id, outcome.decision)
        return RefitResult(outcome, publication, timer.seconds)


def news(outcome: TrainingOutcome) -> str:
    """One sentence for annotators of what a promoted refit changed."""
    text = f"suggestions renewed after {outcome.labels} labels"
    scores = outcome.comparison
    if scores is None:
        return f"{text}."
    before = ""
    if scores.champion_f1_within_1 is not None:
        before = f"{scores.champion_f1_within_1:.2f} -> "
    doubt = "" if scores.proven else " (not proven)"
    if scores.provisional:
        doubt = " (provisional)"
    return f"{text}: F1 within one frame {before}{scores.f1_within_1:.2f}{doubt}."


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


def refit_heads(
    services: Services, project_id: int, labels: ExportedLabels, on_part: Callable[[str], None]
) -> tuple[TrainingOutcome, LoadedChampion]:
    """What became of these labels, and the champion from then on.

    `on_part` is called with the name of each part that ended. When another version is promoted
    meanwhile, by the night's retrain for instance, the heads are fitted again on its backbone:
    nobody asks for a refit before the next labels. Raises Upstream errors, ModelRefused.
    """
    for _ in range(ATTEMPTS):
        champion = load_champion(services)
        on_part("model")
        try:
            outcome = _fit_and_decide(services, project_id, labels, champion, on_part)
        except NotEnough as error:
            return TrainingOutcome(decision=str(error)), champion
        except Superseded as error:
            log.info("project %d refit begins again: %s", project_id, error)
            outcome = TrainingOutcome(decision=str(error))
            continue
        if not outcome.promoted:
            return outcome, champion
        break
    return outcome, load_champion(services)


def _fit_and_decide(
    services: Services,
    project_id: int,
    labels: ExportedLabels,
    champion: LoadedChampion,
    on_part: Callable[[str], None],
) -> TrainingOutcome:
    """What was decided.

    Raises NotEnough when there are too few labels, Superseded when the champion changed meanwhile.
    """
    # 1. a data set whose groups stay in their folds
    dataset = freeze_dataset(services, project_id, labels, reuse_images=True)
    on_part("dataset")
    if champion.model and champion.model.card.dataset_fingerprint == dataset.fingerprint:
        return TrainingOutcome(decision=f"no change: {champion.version} knows these labels")

    # 2. heads on the champion's backbone, judged on each fold while it is held out
    fitted, data = fit_heads(
        services,
        backbone_in_use(services, champion.model),
        dataset,
        services.queue.jobs.report,
        backbone_of=champion.version if champion.model and champion.version else "initial",
        backbone_saw=champion.model.backbone_saw if champion.model else frozenset(),
    )
    on_part("fit")

    # 3. compared with the champion, registered, promoted if it is better
    params = {"refit_of": champion.version or "", "labels": len(dataset.manifest.frames)}
    return decide_and_register(
        services, dataset, Candidate(fitted, data, params), champion, on_part=on_part
    )
