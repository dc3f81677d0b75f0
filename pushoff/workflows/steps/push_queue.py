"""A publication into Label Studio: the head of the queue at once, the rest of a long one later.

A refit gives every task another place, but annotators see the first few dozen before the next one.
Pushing 20,000 predictions, and deleting them again, takes Label Studio minutes.
"""

import time
from dataclasses import replace

from pushoff.services import Services
from pushoff.storage.publications import (
    COLD,
    Publication,
    load_publication,
    mark_finished,
    mark_unfinished,
    save_publication,
)
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.predictions import (
    LEAST_CERTAIN_FIRST,
    PublishReport,
    TaskPrediction,
    activate_version,
    has_content,
    push_predictions,
    version_count,
)
from pushoff.util.progress import Progress

HEAD = 200
"""Tasks that are pushed before the new order is shown: those of ten refits, at least of two."""
AT_ONCE = 2500
"""Tasks of a queue that is pushed as a whole in the same job; of a longer one so many follow in
each job, so that other jobs get in between."""


def push_queue(
    services: Services, project_id: int, interface: FrameInterface, publication: Publication
) -> PublishReport | None:
    """What pushing did; None when there is nothing to show.

    That is without tasks, or without a model when the label config has no place for reasons. The
    record is stored first: whatever an annotator sees can be looked up. Raises StudioUnreachable,
    StudioRefused, StorageFailed.
    """
    if not publication.places or (publication.version == COLD and not interface.reason_name):
        return None
    save_publication(services.storage, project_id, publication)
    head = max(HEAD, 2 * services.settings.refit_every)
    report = _push(services, project_id, interface, publication, head)
    if not report.pushed and not report.already_there:
        return report
    if report.to_follow:
        mark_unfinished(services.storage, project_id, publication.name, time.time())
    activate_version(services.studio, project_id, publication.name)
    if report.to_follow and len(publication.places) <= AT_ONCE:
        rest = push_rest(services, project_id, interface, publication.name)
        return replace(rest, pushed=report.pushed + rest.pushed, already_there=report.already_there)
    return report


def push_rest(
    services: Services, project_id: int, interface: FrameInterface, name: str
) -> PublishReport:
    """Push what follows in the publication `name`, AT_ONCE tasks at most.

    Raises StudioUnreachable, StudioRefused, StorageFailed.
    """
    publication = load_publication(services.storage, project_id, name)
    report = PublishReport(0, 0, 0)
    if publication is not None:
        report = _push(services, project_id, interface, publication, AT_ONCE)
    if not report.to_follow:
        mark_finished(services.storage, project_id)
    return report


def is_shown(services: Services, project_id: int, name: str, predictions: int) -> bool:
    """Whether Label Studio shows the publication `name` with so many predictions, and its record
    is there: then there is nothing to do. Raises StudioUnreachable, StudioRefused, StorageFailed.
    """
    studio = services.studio
    project = studio.get(f"/api/projects/{project_id}")
    return (
        predictions > 0
        and (project["model_version"], project.get("sampling")) == (name, LEAST_CERTAIN_FIRST)
        and load_publication(services.storage, project_id, name) is not None
        and version_count(studio, project_id, name) == predictions
    )


def predictions_of(publication: Publication, interface: FrameInterface) -> list[TaskPrediction]:
    """One for each task that has anything to show; a blind one without the suggestion."""
    predictions = [
        TaskPrediction(
            entry.task_id,
            None if entry.blind else entry.suggestion,
            entry.score,
            entry.reason,
        )
        for entry in publication.places.values()
    ]
    return [prediction for prediction in predictions if has_content(prediction, interface)]


def _push(
    services: Services,
    project_id: int,
    interface: FrameInterface,
    publication: Publication,
    at_most: int,
) -> PublishReport:
    def on_progress(done: int, total: int) -> None:
        services.queue.jobs.report(Progress("pushing", done, total, "task"))

    return push_predictions(
        services.studio,
        project_id,
        predictions_of(publication, interface),
        publication.name,
        interface,
        on_progress,
        at_most,
    )
