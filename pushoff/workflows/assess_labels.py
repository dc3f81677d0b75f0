"""How good a project's labels are, and whether more are worth it. Read from top to bottom."""

import logging
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from pushoff.active.label_quality.agreement import agreement
from pushoff.active.label_quality.assessment import CurvePoint, LabelQualityReport, SuspectedTask
from pushoff.active.label_quality.automation_bias import automation_bias
from pushoff.active.label_quality.label_errors import SuspectedLabel, suspected_errors
from pushoff.active.label_quality.learning_curve import LearningCurve, measure_curve
from pushoff.active.label_quality.random_sample import push_off_rate
from pushoff.active.label_quality.stopping import expected_gain, stop_hint
from pushoff.errors import StorageFailed, TooFewLabels
from pushoff.learning.data.manifest import footage_of
from pushoff.services import Services
from pushoff.storage.assessments import load_assessment, save_assessment
from pushoff.storage.feature_store import FeatureStore
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.export.frame_labels import ExportedLabels, read_labels
from pushoff.studio.export.latest_annotations import TaskAnnotations, read_annotations
from pushoff.studio.review_tab import ReviewItem, refresh_review
from pushoff.util.progress import Progress
from pushoff.values import Label, LabelledFrame, Split
from pushoff.workflows.results import AssessmentResult
from pushoff.workflows.steps.champion import backbone_in_use
from pushoff.workflows.steps.data.extract_features import extract_features, rows_without_athlete
from pushoff.workflows.steps.data.freeze_dataset import freeze_dataset
from pushoff.workflows.steps.data.labelled_features import labelled_features
from pushoff.workflows.steps.data.pull_labels import pull_snapshot
from pushoff.workflows.steps.data.training_data import training_data
from pushoff.workflows.steps.suggestion_answers import (
    publications_of,
    random_sample,
    suggestion_answers,
)

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor

log = logging.getLogger(__name__)

VIDEOS_UNCHECKED = (
    "Labels of whole videos are not checked frame by frame, nor annotators against each other."
)
MAX_SUSPECTS = 100
"""Suspected labels listed at a time: as many as one person reviews in a sitting."""


def assess_labels(services: Services, project_id: int, reason: str) -> AssessmentResult:
    """Measure agreement, automation bias, suspected errors and learning curve; fill the review tab.

    Safe to run twice and to be killed at any line: the report is stored at once, and the next run
    corrects the tab. Raises Upstream errors, after which the job is tried again.
    """
    report = services.queue.jobs.report
    interface = services.interface(project_id)

    # 1. every annotator's latest annotation of every task
    report(Progress("pulling labels"))
    snapshot = pull_snapshot(services, project_id)
    with services.storage.local_copy(snapshot.key) as path:
        labels = read_labels(path, interface, services.storage)
        tasks = (
            list(read_annotations(path, interface)) if isinstance(interface, FrameInterface) else []
        )
    annotator_labels = [
        {
            annotation.annotator: int(annotation.label)
            for annotation in task.annotations
            if annotation.annotator >= 0
        }
        for task in tasks
    ]
    publications = publications_of(services, project_id, tasks)
    sample = random_sample(publications, tasks)

    # 2. features of the labelled frames
    # by the initial backbone: a trained one has learnt these very labels, wrong ones too
    backbone = backbone_in_use(services, None)
    store, unreadable = extract_features(
        services, backbone, labels.frames, [label.task_id for label in labels.frames]
    )
    unknown = {*unreadable, *rows_without_athlete(store, labels.frames)}
    readable = [row for row in range(len(labels.frames)) if row not in unknown]
    frames = [labels.frames[row] for row in readable]

    # 3. labels that contradict their features, and how F1 grew with the labels
    report(Progress("checking labels"))
    reviewed = reviewed_tasks(_previous_report(services, project_id), tasks)
    if isinstance(interface, FrameInterface):
        suspects, skipped_reason = _suspected_labels(store, frames, reviewed)
    else:
        suspects, skipped_reason = [], VIDEOS_UNCHECKED
    report(Progress("measuring the learning curve"))
    curve, too_early = _learning_curve(services, project_id, labels, backbone)
    assessment = LabelQualityReport(
        project_id=project_id,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        export_sha256=snapshot.sha256,
        labels=len(labels.frames),
        push_offs=sum(label.label is Label.PUSH_OFF for label in labels.frames),
        accepted=sum(label.from_suggestion for label in labels.frames),
        videos=len({label.video_id for label in labels.frames}),
        agreement=agreement(annotator_labels, [task.frame.video_id for task in tasks]),
        bias=automation_bias(list(suggestion_answers(publications, tasks))),
        suspects=_suspected_tasks(frames, suspects, tasks),
        suspected=len(suspects),
        reviewed=tuple(sorted(reviewed)),
        skipped_reason=skipped_reason,
        curve=tuple(map(CurvePoint, curve.labels, curve.f1)) if curve else (),
        gain=expected_gain(curve) if curve else None,
        hint=stop_hint(curve, services.settings.promotion_gain, too_early),
        footage=footage_of(labels.frames) if labels.frames else "no",
        random_sample_size=len(sample),
        random_sample_rate=push_off_rate(
            [label is Label.PUSH_OFF for label, _ in sample], [session for _, session in sample]
        ),
    )
    save_assessment(services.storage, assessment)

    # 4. the tab where somebody reviews the suspects
    if isinstance(interface, FrameInterface):
        report(Progress("filling the review tab"))
        items = [
            ReviewItem(
                frames[suspect.row].task_id, suspect.other, suspect.probability, suspect.reason
            )
            for suspect in suspects[:MAX_SUSPECTS]
        ]
        refresh_review(services.studio, project_id, interface, items)
    log.info("project %d: %d labels suspected", project_id, len(suspects))
    return AssessmentResult(
        project_id=project_id,
        reason=reason,
        labels=assessment.labels,
        suspected=assessment.suspected,
        hint=assessment.hint.reason,
    )


def reviewed_tasks(
    previous: LabelQualityReport | None, tasks: Sequence[TaskAnnotations]
) -> set[int]:
    """Tasks annotated again since they were suspected, changed or confirmed.

    They are not listed again. `previous` is the report before this one.
    """
    if previous is None:
        return set()
    latest = {task.task_id: _latest_time(task) for task in tasks}
    annotated_again = {
        suspect.task_id
        for suspect in previous.suspects
        if latest.get(suspect.task_id, suspect.annotated_at) != suspect.annotated_at
    }
    return annotated_again | set(previous.reviewed)


def _previous_report(services: Services, project_id: int) -> LabelQualityReport | None:
    try:
        return load_assessment(services.storage, project_id)
    except StorageFailed as error:
        log.warning("the previous report is ignored and replaced: %s", error)
        return None


def _latest_time(task: TaskAnnotations) -> str:
    return max(annotation.changed_at for annotation in task.annotations)


def _suspected_labels(
    store: FeatureStore, frames: Sequence[LabelledFrame], reviewed: Collection[int]
) -> tuple[list[SuspectedLabel], str]:
    """The suspected labels of tasks that are not reviewed, or why labels cannot be checked."""
    try:
        suspects = suspected_errors(
            store.rows(frames)[0].astype(np.float32),
            np.array([int(frame.label) for frame in frames]),
            [frame.split_group for frame in frames],
            [frame.video_id for frame in frames],
        )
    except TooFewLabels as error:
        return [], str(error)
    return [suspect for suspect in suspects if frames[suspect.row].task_id not in reviewed], ""


def _suspected_tasks(
    frames: Sequence[LabelledFrame],
    suspects: Sequence[SuspectedLabel],
    tasks: Sequence[TaskAnnotations],
) -> tuple[SuspectedTask, ...]:
    latest = {task.task_id: _latest_time(task) for task in tasks}
    return tuple(
        SuspectedTask(
            frames[suspect.row].task_id,
            suspect.label.choice,
            suspect.probability,
            suspect.reason,
            latest[frames[suspect.row].task_id],
        )
        for suspect in suspects[:MAX_SUSPECTS]
    )


def _learning_curve(
    services: Services, project_id: int, labels: ExportedLabels, backbone: "FeatureExtractor"
) -> tuple[LearningCurve | None, str]:
    """The curve on the held-out videos, or why there is none yet.

    A head is fitted on the training folds, its threshold chosen on the validation fold. The labels
    are those of every project, as they are for the model.
    """
    if not labels.frames:
        return None, "Nothing is labelled in this project yet."
    try:
        dataset = freeze_dataset(services, project_id, labels, reuse_images=True)
        data = training_data(services, backbone, dataset.manifest, services.queue.jobs.report)
        train, validation, held_out = (
            labelled_features(data, dataset.manifest, split) for split in Split
        )
        return measure_curve(train, validation, held_out), ""
    except TooFewLabels as error:
        return None, str(error)
