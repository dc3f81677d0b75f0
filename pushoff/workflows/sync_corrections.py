"""What a coach corrected becomes labels in Label Studio, and so the next training set."""

import logging
from collections.abc import Sequence
from typing import Any

from pushoff.coach.correction_labels import CorrectionLabel, correction_labels, mark_synced, moment
from pushoff.coach.corrections import RecordedCorrection, active_corrections
from pushoff.coach.session_files import load_analysis
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.errors import NoSuchSession
from pushoff.events.analysis_result import VideoAnalysis
from pushoff.services import Services
from pushoff.storage.videos import load_video, media_key
from pushoff.studio.coach_annotations import FrameLabel, sync_coach_annotations
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.media.urls import frame_address
from pushoff.studio.tasks import NewTask, create_tasks
from pushoff.values import Box, Video
from pushoff.workflows.steps.frame_images import write_frames
from pushoff.workflows.steps.publish_timeline import create_video_task

log = logging.getLogger(__name__)

ROUNDS = 5
"""How often one job follows a coach who goes on correcting meanwhile."""


def sync_corrections(services: Services, session_id: str) -> dict[str, Any]:
    """Make Label Studio say what the session's corrections say now, no more and no less.

    Safe to run twice, after an undo too: only annotations that this session made are changed.
    Without a Label Studio the corrections wait in the database. Raises StudioUnreachable,
    StudioRefused, StorageFailed, SettingWrong when it is not clear which project is meant.
    """
    if not services.label_studio_connected:
        return {"session": session_id, "taught": None, "reason": "no Label Studio is connected"}
    outcome: dict[str, Any] = {"session": session_id, "taught": 0}
    before: Sequence[RecordedCorrection] | None = None
    for _ in range(ROUNDS):
        try:
            session = get_session(services.database, session_id)
        except NoSuchSession:  # deleted meanwhile: `forget` takes its labels away
            return {**outcome, "reason": "the session is gone"}
        began = moment()
        noted = active_corrections(services.database, session_id)
        if noted == before:
            break
        outcome |= _teach(services, session, noted)
        mark_synced(services.database, session_id, began)
        before = noted
    log.info("session %s: %s", session_id, outcome)
    return outcome


def _teach(
    services: Services, session: CoachSession, noted: Sequence[RecordedCorrection]
) -> dict[str, Any]:
    if session.video_id is None:
        return {"reason": "the video has not been read yet"}
    read = load_analysis(services.storage, session.session_id)
    taught = correction_labels(read, noted)
    video = load_video(services.storage, session.video_id)
    project_id = services.project(video.project_id)
    interface = services.interface(project_id)
    if isinstance(interface, TimelineInterface):
        create_video_task(services, video, project_id, interface)
    else:
        write_frames(services.storage, video.video_id, [one.frame for one in taught])
        drafts = [_draft(services, video, read, one) for one in taught]
        create_tasks(services.studio, project_id, drafts, interface.image_key)
    done = sync_coach_annotations(
        services.studio,
        project_id,
        interface,
        video.video_id,
        session.session_id,
        {one.frame: FrameLabel(one.label, one.by, one.at) for one in taught},
    )
    return {
        "project": project_id,
        "taught": len(taught),
        "annotations_made": done.created,
        "annotations_removed": done.deleted,
    }


def _draft(services: Services, video: Video, read: VideoAnalysis, one: CorrectionLabel) -> NewTask:
    """As ingest makes it: the same frame is the same task, whoever asked for it first."""
    return NewTask(
        image=frame_address(services.storage, media_key(video.video_id, one.frame)),
        video_id=video.video_id,
        athlete=video.athlete,
        exercise=video.exercise.value,
        frame_index=one.frame,
        time_s=float(read.scores.times_s[one.frame]),
        box=Box(*map(int, read.boxes_px[one.frame])),
        footage=video.footage,
    )
