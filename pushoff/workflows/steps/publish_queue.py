"""The annotators' queue: every unlabelled task ordered, suggested, explained, pushed."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from pushoff.active.queue import BEFORE_A_MODEL, DEFAULT, QueueConfig, order_pool
from pushoff.services import Services
from pushoff.storage.project_strategy import load_strategy
from pushoff.storage.publications import COLD, Publication, publication_name
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.export.snapshot import CurrentLabels
from pushoff.studio.predictions import PublishReport
from pushoff.studio.task_cache import unlabelled_tasks
from pushoff.studio.task_data import read_frame
from pushoff.workflows.results import PublishResult
from pushoff.workflows.steps.champion import LoadedChampion, backbone_in_use
from pushoff.workflows.steps.data.extract_features import extract_features
from pushoff.workflows.steps.push_queue import is_shown, push_queue
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

    Of a long queue the head is pushed now, the rest when the order was not replaced for a while.
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

    # 3. what it is named by, and whether it is there already
    config = queue_config(services, project_id, is_cold=champion.model is None)
    blind_share = services.settings.blind_share if champion.model and interface.reason_name else 0.0
    name = publication_name(
        version,
        task_ids,
        made_of(config, blind_share, interface, labels)
        | {"suggestions": _as_json(task_ids, suggested)},
    )
    report: PublishReport | None
    # every task has a reason, where the label config has a place for it
    shown = len(usable) if interface.reason_name else sum(map(bool, _as_json(task_ids, suggested)))
    if is_shown(services, project_id, name, shown):
        report = PublishReport(pushed=0, already_there=shown, deleted_tasks=0)
    else:
        # 4. order, blind checks and reasons
        blind = blind_tasks(project_id, task_ids, blind_share)
        order = order_pool(pool, config)
        places = queue_entries(pool, order, task_ids, labels.skipped, blind, suggested)
        on_part("order")

        # 5. into Label Studio
        publication = Publication(name, version, config.strategy, places)
        report = push_queue(services, project_id, interface, publication)
    on_part("push")
    result = PublishResult(
        project_id=project_id,
        reason=reason,
        published=name if report else None,
        strategy=config.strategy,
        pool=len(tasks),
        pushed=report.pushed if report else 0,
        already_there=report.already_there if report else 0,
        unreadable=len(unreadable),
        to_follow=report.to_follow if report else 0,
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
