"""A coach's corrections become labels in Label Studio, and so part of the next training set."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from pushoff.coach.correction_labels import correction_labels, mark_synced, moment
from pushoff.coach.corrections import RecordedCorrection, active_corrections
from pushoff.coach.session_files import load_analysis
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.errors import NoSuchSession
from pushoff.services import Services
from pushoff.storage.videos import load_video
from pushoff.studio.coach_annotations import FrameLabel, sync_coach_annotations
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.tasks import create_tasks
from pushoff.values import Box
from pushoff.workflows.results import CorrectionSyncResult
from pushoff.workflows.steps.frame_images import write_frames
from pushoff.workflows.steps.frame_tasks import frame_task
from pushoff.workflows.steps.publish_timeline import create_video_task

log = logging.getLogger(__name__)

ROUNDS = 5
"""How often one job syncs again because the coach corrected something meanwhile."""


def sync_corrections(services: Services, session_id: str) -> CorrectionSyncResult:
    """Make the session's annotations in Label Studio exactly those of its active corrections.

    Safe to run twice, after an undo too: only annotations that this session made are changed.
    Without Label Studio the corrections stay unsynced in the database. Raises StudioUnreachable,
    StudioRefused, StorageFailed, SettingWrong when the project is not clear.
    """
    if not services.label_studio_connected:
        return CorrectionSyncResult(session_id, None, reason="Label Studio is not connected")
    result = CorrectionSyncResult(session_id, 0)
    synced: Sequence[RecordedCorrection] | None = None
    for _ in range(ROUNDS):
        try:
            session = get_session(services.database, session_id)
        except NoSuchSession:  # deleted meanwhile: that job deletes the labels, too
            return replace(result, reason="the session is deleted")
        began = moment()
        corrections = active_corrections(services.database, session_id)
        if corrections == synced:
            break
        result = _sync(services, session, corrections)
        mark_synced(services.database, session_id, began)
        synced = corrections
    log.info("%s", result)
    return result


def _sync(
    services: Services, session: CoachSession, corrections: Sequence[RecordedCorrection]
) -> CorrectionSyncResult:
    if session.video_id is None:
        return CorrectionSyncResult(session.session_id, 0, reason="the video is not analysed yet")
    analysis = load_analysis(services.storage, session.session_id)
    labels = correction_labels(analysis, corrections)
    video = load_video(services.storage, session.video_id)
    project_id = services.project(video.project_id)
    interface = services.interface(project_id)
    if isinstance(interface, TimelineInterface):
        create_video_task(services, video, project_id, interface)
    else:
        boxes = [Box(*map(int, box)) for box in analysis.boxes_px]
        write_frames(services.storage, video.video_id, [label.frame for label in labels], boxes)
        new_tasks = [
            frame_task(
                services.storage,
                video,
                label.frame,
                float(analysis.scores.times_s[label.frame]),
                boxes[label.frame],
            )
            for label in labels
        ]
        create_tasks(services.studio, project_id, new_tasks, interface.image_key)
    changes = sync_coach_annotations(
        services.studio,
        project_id,
        interface,
        video.video_id,
        session.session_id,
        {label.frame: FrameLabel(label.label, label.by, label.at) for label in labels},
    )
    return CorrectionSyncResult(
        session_id=session.session_id,
        labels=len(labels),
        annotations_created=changes.created,
        annotations_deleted=changes.deleted,
    )
