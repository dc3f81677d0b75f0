"""Every unlabelled frame gets the champion's suggestion, and Label Studio serves that version."""

import logging
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from pushoff.errors import MediaError, NoSuchModel
from pushoff.learning.sampling import annotation_scores
from pushoff.services import Services, open_services
from pushoff.studio.frame_data import TaskFrame, read_frame
from pushoff.studio.publish import TaskPrediction, push_predictions, switch_version
from pushoff.studio.tasks import Task, list_tasks

log = logging.getLogger(__name__)

BATCH = 64
"""Crops predicted at a time; of whole images only one is in memory."""
SPACING_S = 8 / 240
"""Frames closer than this tell an annotator nearly the same: eight at 240 frames/s."""
ROUNDS = 3
"""How often one job follows a champion that changes while it works."""

T = TypeVar("T")


def publish(project_id: int, reason: str) -> dict[str, Any]:
    """Score the unlabelled pool, push, verify, switch the project over.

    Safe to run twice: tasks that have this version's prediction are left alone.
    Raises StudioUnreachable, StudioRefused, RegistryUnavailable, ModelRefused.
    """
    with open_services() as services, services.queue.publish_lock(project_id):
        for _ in range(ROUNDS):
            champion = services.registry.champion(project_id)
            if champion is None:
                return {"project": project_id, "published": None, "reason": "no champion yet"}
            outcome = _publish_version(services, project_id, champion.version)
            now = services.registry.champion(project_id)
            if now and now.version == champion.version:
                return {"project": project_id, "reason": reason, **outcome}
        raise NoSuchModel(f"the champion of project {project_id} changed {ROUNDS} times meanwhile")


def _publish_version(services: Services, project_id: int, version: str) -> dict[str, Any]:
    from pushoff.learning.classifier import crop_and_resize, load_model

    report = services.queue.report
    interface = services.interface(project_id)
    model = load_model(services.registry.fetch(version, services.model_cache))
    threshold = model.card.threshold
    have = {task.id for task in list_tasks(services.studio, project_id, predicted_by=version)}
    pool = list(list_tasks(services.studio, project_id, only_unlabelled=True))
    todo = [task for task in pool if task.id not in have]
    scored: list[tuple[Task, TaskFrame]] = []
    probabilities: list[np.ndarray] = []
    unreadable = 0
    for tasks in _batches(todo, BATCH):
        crops, readable = [], []
        for task in tasks:
            frame = read_frame(task.data, interface.image_key)
            try:
                image = services.fetcher.image(frame.image, task.id)
            except MediaError as why:
                unreadable += 1
                log.info("task %d has no usable image: %s", task.id, why)
                continue
            crops.append(crop_and_resize(image, frame.box, model.card.size_px))
            readable.append((task, frame))
        if crops:
            probabilities.append(model.predict_crops(np.stack(crops)))
        scored += readable
        report({"stage": "scoring", "task": len(scored) + unreadable, "tasks": len(todo)})
    predictions = _ranked(scored, np.concatenate([np.zeros(0), *probabilities]), threshold)
    pushed = push_predictions(
        services.studio,
        project_id,
        predictions,
        version,
        interface,
        threshold,
        lambda done, total: report({"stage": "pushing", "task": done, "tasks": total}),
    )
    if predictions or have:
        switch_version(services.studio, project_id, version)
    return {
        "published": version,
        "pool": len(pool),
        "pushed": pushed.pushed,
        "already_there": len(have),
        "unreadable": unreadable,
    }


def _ranked(
    scored: Sequence[tuple[Task, TaskFrame]], probabilities: np.ndarray, threshold: float
) -> list[TaskPrediction]:
    scores = annotation_scores(
        probabilities,
        threshold,
        [frame.session for _, frame in scored],
        [frame.time_s for _, frame in scored],
        SPACING_S,
    )
    return [
        TaskPrediction(task.id, float(p), float(s))
        for (task, _), p, s in zip(scored, probabilities, scores, strict=True)
    ]


def _batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
