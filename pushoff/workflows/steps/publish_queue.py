"""The annotators' queue: every unlabelled task ordered, suggested, explained, pushed."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from pushoff.active.queue import BEFORE_A_MODEL, DEFAULT, QueueConfig, order_pool
from pushoff.services import Services
from pushoff.storage.project_strategy import load_strategy
from pushoff.storage.publications import COLD, Publication, publication_name, save_publication
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.export.snapshot import CurrentLabels
from pushoff.studio.predictions import (
    PublishReport,
    TaskPrediction,
    activate_version,
    push_predictions,
)
from pushoff.studio.task_cache import unlabelled_tasks
from pushoff.studio.task_data import read_frame
from pushoff.util.progress import Progress
from pushoff.workflows.results import PublishResult
from pushoff.workflows.steps.champion import LoadedChampion, backbone_in_use
from pushoff.workflows.steps.data.extract_features import extract_features
from pushoff.workflows.steps.queue_entries import blind_tasks, queue_entries
from pushoff.workflows.steps.queue_pool import labelled_pool, unlabelled_pool
from pushoff.workflows.steps.suggestion_line import WORDING
from pushoff.workflows.steps.suggestions import FrameSuggestion, suggestions

log = logging.getLogger(__name__)

BATCH_REFITS = 5
"""Size of the batch that the strategy selects, in refits: the queue is ordered anew after each
refit, but one may fail."""


def publish_queue(
    services: Services,
    project_id: int,
    reason: str,
    interface: FrameInterface,
    champion: LoadedChampion,
    labels: CurrentLabels,
    on_part: Callable[[str], None] = lambda part: None,
) -> PublishResult:
    """Order the unlabelled tasks by the project's strategy, push, verify, activate the version.

    Before there is a champion the suggestions are those of the pose rules, as far as there are any.
    `on_part` is called with the name of each part that ended, to time it. Safe to run twice: a
    publication is named by its content, and predictions that are there are not pushed again.
    Raises StudioUnreachable, StudioRefused, StorageFailed, ModelRefused.
    """
    # 1. the unlabelled tasks
    tasks = unlabelled_tasks(
        services.studio, services.storage, project_id, interface.image_key, labels.labelled
    )
    on_part("tasks")

    # 2. their features and suggestions
    frames = [read_frame(task.data, interface.image_key) for task in tasks]
    backbone = backbone_in_use(services, champion.model)
    store, unreadable = extract_features(services, backbone, frames, [task.id for task in tasks])
    readable = sorted(set(range(len(tasks))).difference(unreadable))
    task_ids = [tasks[row].id for row in readable]
    labelled = labelled_pool(store, labels.exported.frames)
    usable = [frames[row] for row in readable]
    suggested = suggestions(services, champion, backbone, store, usable)
    pool = unlabelled_pool(store, usable, suggested, labelled)
    pool = replace(pool, by_rules=champion.model is None)
    version = _version(champion, suggested)
    on_part("scores")

    # 3. order, blind checks and reasons
    config = queue_config(services, project_id, is_cold=champion.model is None)
    blind_share = services.settings.blind_share if champion.model and interface.reason_name else 0.0
    blind = blind_tasks(project_id, task_ids, blind_share)
    order = order_pool(pool, config)
    publication = Publication(
        name=publication_name(
            version,
            task_ids,
            made_of(config, blind_share, interface, labels)
            | {"suggestions": _as_json(task_ids, suggested)},
        ),
        version=version,
        strategy=config.strategy,
        places=queue_entries(pool, order, task_ids, labels.skipped, blind, suggested),
    )
    on_part("order")

    # 4. into Label Studio
    report = _push(services, project_id, interface, publication)
    on_part("push")
    result = PublishResult(
        project_id=project_id,
        reason=reason,
        published=publication.name if report else None,
        strategy=config.strategy,
        pool=len(tasks),
        pushed=report.pushed if report else 0,
        already_there=report.already_there if report else 0,
        unreadable=len(unreadable),
    )
    log.info("project %d: %s", project_id, result)
    return result


def made_of(
    config: QueueConfig, blind_share: float, interface: FrameInterface, labels: CurrentLabels
) -> dict[str, object]:
    """What the order and the text below frames follow from, beside model, tasks and suggestions:
    JSON values that name a publication."""
    return {
        "queue": asdict(config),
        "blind_share": blind_share,
        "interface": asdict(interface),
        "labels": sorted((frame.task_id, int(frame.label)) for frame in labels.exported.frames),
        "skipped": sorted(labels.skipped),
        "wording": WORDING,
    }


def _version(champion: LoadedChampion, suggested: Sequence[FrameSuggestion]) -> str:
    """The name under which the suggestions are published."""
    from pushoff.learning.starter import RULES

    if champion.model and champion.version:
        return champion.version
    return RULES if any(each.suggestion for each in suggested) else COLD


def _as_json(
    task_ids: Sequence[int], suggested: Sequence[FrameSuggestion]
) -> list[tuple[int, int, float]]:
    """(task, label, probability of push_off) of each suggestion, by task."""
    return sorted(
        (task_id, int(each.suggestion.label), each.suggestion.probability)
        for task_id, each in zip(task_ids, suggested, strict=True)
        if each.suggestion
    )


def queue_config(services: Services, project_id: int, *, is_cold: bool) -> QueueConfig:
    """The project's own strategy, else the settings', else the default of now.

    `is_cold`: nothing was learnt yet. Raises BadInput, StorageFailed.
    """
    settings = services.settings
    default = BEFORE_A_MODEL if is_cold else DEFAULT
    return QueueConfig(
        strategy=load_strategy(services.storage, project_id) or settings.strategy or default,
        random_share=settings.random_share,
        seed=settings.seed,
        batch_size=BATCH_REFITS * settings.refit_every,
    )


def _push(
    services: Services, project_id: int, interface: FrameInterface, publication: Publication
) -> PublishReport | None:
    """What pushing did; None when there is nothing to show.

    That is without tasks, or without a model when the label config has no place for reasons. The
    record is stored first: whatever an annotator sees can be looked up.
    """
    if not publication.places or (publication.version == COLD and not interface.reason_name):
        return None
    save_publication(services.storage, project_id, publication)

    def on_progress(done: int, total: int) -> None:
        services.queue.jobs.report(Progress("pushing", done, total, "task"))

    report = push_predictions(
        services.studio,
        project_id,
        [
            TaskPrediction(
                entry.task_id,
                None if entry.blind else entry.suggestion,
                entry.score,
                entry.reason,
            )
            for entry in publication.places.values()
        ],
        publication.name,
        interface,
        on_progress,
    )
    if report.pushed or report.already_there:
        activate_version(services.studio, project_id, publication.name)
    return report
