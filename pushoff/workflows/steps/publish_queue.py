"""The annotators' queue: every open task's place, suggestion and reason, pushed and switched on."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pushoff.active.pool import LabelledPool, Pool
from pushoff.active.queue import DEFAULT, QueueConfig, order_pool
from pushoff.services import Services
from pushoff.storage.feature_store import FeatureStore
from pushoff.storage.project_strategy import load_strategy
from pushoff.storage.publications import (
    COLD,
    Publication,
    QueueEntry,
    publication_name,
    save_publication,
)
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.export.snapshot import CurrentLabels
from pushoff.studio.predictions import TaskPrediction, activate_version, push_predictions
from pushoff.studio.task_cache import unlabelled_tasks
from pushoff.studio.task_data import TaskFrame, read_frame
from pushoff.values import LabelledFrame
from pushoff.workflows.steps.extract_features import backbone_in_use, extract_features

if TYPE_CHECKING:
    from pushoff.learning.frame.backbone import Backbone
    from pushoff.learning.frame.classifier import FrameClassifier

log = logging.getLogger(__name__)

CHUNK = 20_000
"""Frames judged at a time: with four neighbours each they are 100 MB."""
FRONT_REFITS = 5
"""Frames chosen with care, in refits: the order is made anew after each, but one may fail."""
BLIND_WHY = "Asked without a suggestion, to see what people say by themselves."
SKIPPED_WHY = "Somebody skipped this frame, so it comes last."
Timed = Callable[[str], None]


def publish_queue(
    services: Services,
    project_id: int,
    interface: FrameInterface,
    served: "tuple[str, FrameClassifier] | None",
    said: CurrentLabels,
    timed: Timed = lambda part: None,
) -> dict[str, Any]:
    """Order the open tasks by the project's strategy, push, verify, switch the project over.

    `said` is what people said so far; frames somebody skipped come last. Safe to run twice: a
    publication is named by what it says, and what is there is not pushed again.
    Raises StudioUnreachable, StudioRefused, StorageFailed.
    """
    tasks = unlabelled_tasks(
        services.studio, services.storage, project_id, interface.image_key, said.labelled
    )
    timed("tasks")
    frames = [read_frame(task.data, interface.image_key) for task in tasks]
    backbone = backbone_in_use(services, served[1] if served else None)
    store, lost = extract_features(services, backbone, frames, [task.id for task in tasks])
    gone = set(lost)
    kept = [row for row in range(len(tasks)) if row not in gone]
    frames, ids = [frames[row] for row in kept], [tasks[row].id for row in kept]
    pool = _pool(store, frames, served[1] if served else None, _said(store, said.read.frames))
    timed("scores")
    plan = queue_plan(services, project_id)
    share = services.settings.blind_share if served and interface.why_name else 0.0
    version = served[0] if served else COLD
    publication = _publication(project_id, version, pool, ids, plan, said, share, interface)
    timed("order")
    pushed = _push(services, project_id, interface, publication, backbone)
    timed("push")
    return {
        "published": publication.name if publication.places and pushed is not None else None,
        "strategy": plan.strategy,
        "pool": len(tasks),
        "pushed": pushed.pushed if pushed else 0,
        "already_there": pushed.already_there if pushed else 0,
        "unreadable": len(lost),
    }


def queue_plan(services: Services, project_id: int) -> QueueConfig:
    """The project's plan: its own strategy, or the service's. Raises BadInput, StorageFailed."""
    settings = services.settings
    chosen = load_strategy(services.storage, project_id)
    return QueueConfig(
        strategy=chosen or settings.strategy or DEFAULT,
        random_share=settings.random_share,
        seed=settings.seed,
        front=FRONT_REFITS * settings.refit_every,
    )


def _pool(
    store: FeatureStore,
    frames: Sequence[TaskFrame],
    model: "FrameClassifier | None",
    labelled: LabelledPool,
) -> Pool:
    """The open frames as strategies see them."""
    offsets_s = model.offsets_s if model else (0.0,)
    here = offsets_s.index(0.0)
    features, probabilities = [], [np.zeros(0)]
    for start in range(0, len(frames), CHUNK):
        around, known = store.rows(frames[start : start + CHUNK], offsets_s)
        features.append(around[:, here].copy())
        if model:
            probabilities.append(model.judge(around, known))
    times_s = [np.nan if one.time_s is None else one.time_s for one in frames]
    return Pool(
        features=np.concatenate(features) if features else np.zeros((0, 1), np.float16),
        probabilities=np.concatenate(probabilities) if model else None,
        sessions=tuple(one.session for one in frames),
        groups=tuple(one.group for one in frames),
        times_s=np.array(times_s, float),
        threshold=model.card.threshold if model else 0.5,
        labelled=labelled,
    )


def _said(store: FeatureStore, labels: Sequence[LabelledFrame]) -> LabelledPool:
    """What has been labelled, of frames that are described."""
    features, known = store.rows(labels)
    rows = np.flatnonzero(known[:, 0]) if len(labels) else np.zeros(0, int)
    said = [labels[row] for row in rows]
    return LabelledPool(
        features=features[rows, 0] if len(rows) else np.zeros((0, 0), np.float16),
        labels=np.array([int(one.label) for one in said], int),
        sessions=tuple(one.session for one in said),
        groups=tuple(one.group for one in said),
        times_s=np.array([np.nan if one.time_s is None else one.time_s for one in said], float),
    )


def _publication(
    project_id: int,
    version: str,
    pool: Pool,
    ids: Sequence[int],
    plan: QueueConfig,
    said: CurrentLabels,
    blind_share: float,
    interface: FrameInterface,
) -> Publication:
    """Every open task's place: the strategy's order, then what somebody could not tell."""
    spoken = sorted((one.task_id, int(one.label)) for one in said.read.frames)
    digest = hashlib.sha256(f"{spoken} {sorted(said.skipped)}".encode()).hexdigest()
    name = publication_name(version, f"{plan} {blind_share} {interface}", ids, digest)
    order = order_pool(pool, plan)
    rows = order.rows.tolist()
    rows = sorted(rows, key=lambda row: ids[row] in said.skipped)  # stable: the order stays
    places: dict[int, QueueEntry] = {}
    for place, row in enumerate(rows):
        task_id = ids[row]
        skipped = task_id in said.skipped
        blind = is_blind(project_id, task_id, blind_share)
        why = SKIPPED_WHY if skipped else order.why[row]
        places[task_id] = QueueEntry(
            task_id=task_id,
            probability=None if pool.probabilities is None else float(pool.probabilities[row]),
            score=round((place + 0.5) / len(ids), 9),
            why=BLIND_WHY if blind else why,  # a reason could sway, too
            at_random=bool(order.at_random[row]) and not skipped,
            blind=blind,
        )
    return Publication(name, version, pool.threshold, plan.strategy, places)


def is_blind(project_id: int, task_id: int, share: float) -> bool:
    """Whether a task is shown without a suggestion: by chance, and the same every time."""
    digest = hashlib.sha256(f"blind {project_id} {task_id}".encode()).digest()
    return int.from_bytes(digest[:4]) < share * 2**32


def _push(
    services: Services,
    project_id: int,
    interface: FrameInterface,
    publication: Publication,
    backbone: "Backbone",
) -> Any:
    """The report of pushing; None when there is nothing to say yet."""
    if not publication.places or (publication.version == COLD and not interface.why_name):
        return None
    save_publication(services.storage, project_id, publication)  # first: what is shown is known
    report = services.queue.report
    pushed = push_predictions(
        services.studio,
        project_id,
        [
            TaskPrediction(one.task_id, None if one.blind else one.probability, one.score, one.why)
            for one in publication.places.values()
        ],
        publication.name,
        interface,
        publication.threshold,
        lambda done, total: report({"stage": "pushing", "task": done, "tasks": total}),
    )
    if pushed.pushed or pushed.already_there:
        activate_version(services.studio, project_id, publication.name)
    return pushed
