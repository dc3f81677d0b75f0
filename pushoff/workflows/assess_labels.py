"""How good a project's labels are, and whether more are worth it. Read from top to bottom."""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from pushoff.active.label_quality.agreement import agreement
from pushoff.active.label_quality.assessment import CurvePoint, LabelQualityReport, SuspectedTask
from pushoff.active.label_quality.automation_bias import Answer, automation_bias
from pushoff.active.label_quality.label_errors import SuspectedLabel, suspected_errors
from pushoff.active.label_quality.learning_curve import (
    LabelledFeatures,
    LearningCurve,
    measure_curve,
)
from pushoff.active.label_quality.random_sample import push_off_rate
from pushoff.active.label_quality.stopping import expected_gain, stop_hint
from pushoff.errors import StorageFailed, TooFewLabels
from pushoff.learning.data.dataset import footage_of
from pushoff.services import Services
from pushoff.storage.assessments import load_assessment, save_assessment
from pushoff.storage.feature_store import FeatureStore
from pushoff.storage.publications import Publication, load_publication
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.frame_labels import ExportedLabels, read_labels
from pushoff.studio.export.latest_annotations import TaskAnnotations, read_annotations
from pushoff.studio.review_tab import ReviewItem, refresh_review
from pushoff.util.progress import Progress
from pushoff.values import Label, LabelledFrame, Split
from pushoff.workflows.steps.dataset_features import DatasetFeatures
from pushoff.workflows.steps.extract_features import backbone_in_use, extract_features
from pushoff.workflows.steps.freeze_dataset import freeze_now
from pushoff.workflows.steps.pull_labels import snapshot_now

if TYPE_CHECKING:
    from pushoff.learning.frame.backbone import Backbone

log = logging.getLogger(__name__)

VIDEOS = "Labels of whole videos are not checked frame by frame, nor annotators against each other."
LISTED = 100
"""Suspected labels shown at a time: as many as one person looks at again in a sitting."""


def assess_labels(services: Services, project_id: int, reason: str) -> dict[str, Any]:
    """Agreement, automation bias, suspected errors and the learning curve; the review tab.

    Returns the numbers in short. Safe to run twice and to be killed at any line: the assessment is
    written at once, the tab is set right by the next run. Raises Upstream errors, which are tried
    again.
    """
    report = services.queue.report
    # 1. what people said, everybody's last word
    report(Progress("pulling labels"))
    interface = services.interface(project_id)
    snapshot = snapshot_now(services, project_id)
    with services.storage.local_copy(snapshot.key) as path:
        labels = read_labels(path, interface, services.storage)
        videos = isinstance(interface, TimelineInterface)
        words = [] if videos else list(read_annotations(path, interface))
    said = [
        {word.annotator: int(word.label) for word in one.words if word.annotator >= 0}
        for one in words
    ]
    agreed = agreement(said, [one.frame.session for one in words])
    published = _publications(services, project_id, words)
    biased = automation_bias(list(_answers(published, words)))
    drawn = _drawn(published, words)

    # 2. what a model makes of the labelled frames
    # as before any training: a trained backbone has learnt these very labels, wrong ones too
    backbone = backbone_in_use(services, None)
    frames = labels.frames
    store, lost = extract_features(services, backbone, frames, [one.task_id for one in frames])
    gone = set(lost)
    frames = tuple(one for row, one in enumerate(frames) if row not in gone)

    # 3. labels that contradict it, and how F1 grew with them
    report(Progress("checking labels"))
    before = _last_assessment(services, project_id)
    reviewed = reviewed_tasks(before, words)
    doubted, skipped_reason = ([], VIDEOS) if videos else _suspects(store, frames, reviewed)
    report(Progress("measuring the learning curve"))
    curve, too_early = _curve(services, project_id, labels, backbone)
    assessment = LabelQualityReport(
        project_id=project_id,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        export_sha256=snapshot.sha256,
        labels=len(labels.frames),
        push_offs=sum(one.label is Label.PUSH_OFF for one in labels.frames),
        accepted=sum(one.from_suggestion for one in labels.frames),
        sessions=len({one.video_id for one in labels.frames}),
        agreement=agreed,
        bias=biased,
        suspects=tuple(_listed(frames, doubted, words)),
        suspected=len(doubted),
        reviewed=tuple(sorted(reviewed)),
        skipped_reason=skipped_reason,
        curve=tuple(map(CurvePoint, curve.labels, curve.f1)) if curve else (),
        gain=expected_gain(curve) if curve else None,
        hint=stop_hint(curve, services.settings.promotion_gain, too_early),
        footage=footage_of(labels.frames) if labels.frames else "no",
        random_sample_size=len(drawn),
        random_sample_rate=push_off_rate(
            [label is Label.PUSH_OFF for label, _ in drawn], [session for _, session in drawn]
        ),
    )
    save_assessment(services.storage, assessment)

    # 4. the tab where somebody looks again
    if not videos:
        report(Progress("filling the review tab"))
        refresh_review(services.studio, project_id, interface, _doubts(frames, doubted))
    log.info("project %d: %d labels suspected", project_id, len(doubted))
    return {
        "project": project_id,
        "reason": reason,
        "labels": assessment.labels,
        "suspected": assessment.suspected,
        "hint": assessment.hint.reason,
    }


def _publications(
    services: Services, project_id: int, words: Sequence[TaskAnnotations]
) -> dict[str, Publication]:
    """What annotators were shown, by the name Label Studio kept with their answers."""
    names = {word.version for one in words for word in one.words}
    found = {name: load_publication(services.storage, project_id, name) for name in names}
    return {name: one for name, one in found.items() if one}


def _drawn(
    published: Mapping[str, Publication], words: Sequence[TaskAnnotations]
) -> list[tuple[Label, str]]:
    """Label and session of every task that was a random pick when somebody labelled it."""
    found = []
    for one in words:
        for word in one.words:
            shown = published.get(word.version)
            place = shown.places.get(one.task_id) if shown else None
            if place and place.at_random:
                found.append((word.label, one.frame.session))
                break
    return found


def _answers(
    published: Mapping[str, Publication], words: Sequence[TaskAnnotations]
) -> Iterator[Answer]:
    """Every label for which the model had a suggestion, seen or hidden."""
    for one in words:
        for word in one.words:
            session, seconds = one.frame.session, word.lead_time_s
            if seconds is None:
                continue  # a coach's correction: made elsewhere, of what the model got wrong
            if word.suggested is not None:
                yield Answer(word.suggested is word.label, True, session, seconds)
                continue
            shown = published.get(word.version)
            place = shown.places.get(one.task_id) if shown else None
            if place and place.blind and place.probability is not None:
                hidden = Label(int(place.probability >= shown.threshold))
                yield Answer(hidden is word.label, False, session, seconds)


def _features(store: FeatureStore, frames: Sequence[LabelledFrame]) -> np.ndarray:
    """(N, D) float32 of frames that are all described."""
    return store.rows(frames)[0][:, 0].astype(np.float32)


def reviewed_tasks(before: LabelQualityReport | None, words: Sequence[TaskAnnotations]) -> set[int]:
    """Tasks of which somebody has spoken again since they were suspected, whatever they said."""
    if before is None:
        return set()
    last = {one.task_id: _last_word(one) for one in words}
    again = {
        one.task_id
        for one in before.suspects
        if last.get(one.task_id, one.annotated_at) != one.annotated_at
    }
    return again | set(before.reviewed)


def _last_assessment(services: Services, project_id: int) -> LabelQualityReport | None:
    try:
        return load_assessment(services.storage, project_id)
    except StorageFailed as damaged:
        log.warning("made anew: %s", damaged)
        return None


def _last_word(one: TaskAnnotations) -> str:
    return max(word.at for word in one.words)


def _suspects(
    store: FeatureStore, frames: Sequence[LabelledFrame], reviewed: Collection[int]
) -> tuple[list[SuspectedLabel], str]:
    """The suspected labels nobody has reviewed, or why none can be looked for."""
    try:
        found = suspected_errors(
            _features(store, frames),
            np.array([int(one.label) for one in frames]),
            [one.group for one in frames],
            [one.video_id for one in frames],
        )
    except TooFewLabels as why:
        return [], str(why)
    return [one for one in found if frames[one.row].task_id not in reviewed], ""


def _listed(
    frames: Sequence[LabelledFrame],
    doubted: Sequence[SuspectedLabel],
    words: Sequence[TaskAnnotations],
) -> Iterator[SuspectedTask]:
    last = {one.task_id: _last_word(one) for one in words}
    for one in doubted[:LISTED]:
        task_id = frames[one.row].task_id
        yield SuspectedTask(task_id, one.label.choice, one.probability, one.reason, last[task_id])


def _doubts(frames: Sequence[LabelledFrame], doubted: Sequence[SuspectedLabel]) -> list[ReviewItem]:
    return [
        ReviewItem(frames[one.row].task_id, one.other, one.probability, one.reason)
        for one in doubted[:LISTED]
    ]


def _curve(
    services: Services, project_id: int, labels: ExportedLabels, backbone: "Backbone"
) -> tuple[LearningCurve | None, str]:
    """The curve on the sessions that are held out, or why there is none yet."""
    try:
        manifest, _ = freeze_now(services, project_id, labels, trust_last=True)
        described = DatasetFeatures(services, backbone, manifest, labels)
        weight = services.settings.accepted_weight
        fit, choose, held_out = (_part(described, split, weight) for split in Split)
        return measure_curve(fit, choose, held_out), ""
    except TooFewLabels as why:
        return None, str(why)


def _part(described: DatasetFeatures, split: Split, accepted_weight: float) -> LabelledFeatures:
    from pushoff.learning.frame.refit import HERE

    examples = described.examples(split, accepted_weight)
    return LabelledFeatures(
        examples.features[:, HERE].astype(np.float32),
        examples.labels,
        tuple(one.video_id for one in described.frames(split)),
        examples.weights,
    )
