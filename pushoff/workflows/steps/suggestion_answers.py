"""How annotators answered the suggestions they were shown, and those that were hidden from them."""

from collections.abc import Iterator, Mapping, Sequence

from pushoff.active.label_quality.automation_bias import Answer
from pushoff.services import Services
from pushoff.storage.publications import Publication, QueueEntry, load_publication
from pushoff.studio.export.latest_annotations import LatestAnnotation, TaskAnnotations
from pushoff.values import Label


def publications_of(
    services: Services, project_id: int, tasks: Sequence[TaskAnnotations]
) -> dict[str, Publication]:
    """The publications that annotations were made under, by name. Raises StorageFailed."""
    names = {annotation.version for task in tasks for annotation in task.annotations}
    publications = {name: load_publication(services.storage, project_id, name) for name in names}
    return {name: publication for name, publication in publications.items() if publication}


def random_sample(
    publications: Mapping[str, Publication], tasks: Sequence[TaskAnnotations]
) -> list[tuple[Label, str]]:
    """Label and session of every task that was a random pick when it was labelled."""
    sample = []
    for task in tasks:
        for annotation in task.annotations:
            entry = _entry(publications, task, annotation)
            if entry and entry.at_random:
                sample.append((annotation.label, task.frame.video_id))
                break
    return sample


def suggestion_answers(
    publications: Mapping[str, Publication], tasks: Sequence[TaskAnnotations]
) -> Iterator[Answer]:
    """Every label for which the model had a suggestion, shown or hidden.

    A coach's correction is left out: it is made on another page, of events the model got wrong, and
    takes no seconds in the editor.
    """
    for task in tasks:
        for annotation in task.annotations:
            session, seconds = task.frame.video_id, annotation.lead_time_s
            if seconds is None:
                continue
            if annotation.suggested is not None:
                yield Answer(annotation.suggested is annotation.label, True, session, seconds)
                continue
            entry = _entry(publications, task, annotation)
            if entry and entry.blind and entry.suggestion is not None:
                hidden = entry.suggestion.label
                yield Answer(hidden is annotation.label, False, session, seconds)


def _entry(
    publications: Mapping[str, Publication], task: TaskAnnotations, annotation: LatestAnnotation
) -> QueueEntry | None:
    publication = publications.get(annotation.version)
    return publication.places.get(task.task_id) if publication else None
