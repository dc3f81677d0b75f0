"""A session's video becomes frames worth labelling, as tasks in Label Studio."""

import logging
from dataclasses import asdict
from typing import Any

from pushoff.services import Services
from pushoff.storage.feature_store import delete_features
from pushoff.storage.videos import load_ingest, load_video, media_key, save_ingest, video_key
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.media.urls import frame_address
from pushoff.studio.tasks import NewTask, create_tasks
from pushoff.util.progress import Progress
from pushoff.values import Box, Video
from pushoff.workflows.steps.publish_timeline import create_video_task

log = logging.getLogger(__name__)


def ingest_video(services: Services, video_id: str) -> dict[str, Any]:
    """Probe, decode, find the athlete, choose frames, write JPEGs, create tasks.

    Safe to run twice: keys come from the file's content and the frame's index.
    Raises VideoRefused, Unsafe, StorageFailed, StudioUnreachable, StudioRefused.
    """
    session = load_video(services.storage, video_id)
    found = _frames_of(services, session)
    project_id = services.project(session.project_id)
    services.queue.jobs.report(Progress("creating tasks", total=len(found["frames"]), unit="frame"))
    interface = services.interface(project_id)
    if isinstance(interface, TimelineInterface):
        tasks = create_video_task(services, session, project_id, interface)
    else:
        drafts = [_draft(services, session, frame) for frame in found["frames"]]
        tasks = create_tasks(services.studio, project_id, drafts, interface.image_key)
    services.queue.request.publish(project_id, reason="new frames")
    log.info("session %s: %d tasks new", video_id, tasks.created)
    return {
        "project": project_id,
        "tasks_created": tasks.created,
        "tasks_already_there": tasks.already_there,
        **{name: found[name] for name in ("declared_frames", "decoded_frames", "athlete_note")},
    }


def _frames_of(services: Services, session: Video) -> dict[str, Any]:
    """What ingest found in the video: counts, the athlete's box and the chosen frames."""
    from pushoff.video.decoding.decode import decode
    from pushoff.video.frame_selection import choose_frames
    from pushoff.video.images import encode_jpeg
    from pushoff.video.scan import scan_video

    storage, report = services.storage, services.queue.jobs.report
    with storage.local_copy(video_key(session.video_id)) as path:
        with scan_video(path, session.capture_fps, services.scratch, report) as watched:
            info, track, counts = watched.info, watched.track, watched.counts
            times_s = [float(one) for one in watched.times_s]
            indices = choose_frames(
                track,
                watched.times_s,
                float(info.capture_rate),
                services.settings.frames_per_session,
                thumbnails=watched.images,
            )
        written = 0
        for frame in decode(path, info, indices=indices).frames():
            storage.write(media_key(session.video_id, frame.ref.index), encode_jpeg(frame.image))
            written += 1
            report(Progress("writing frames", written, len(indices), "frame"))
    found = {
        "capture_fps": float(info.capture_rate),
        "frame_rate": float(info.frame_rate),
        "size_px": [info.width_px, info.height_px],
        "duration_s": info.duration_s,
        "codec": info.codec,
        "declared_frames": counts.declared,
        "decoded_frames": counts.decoded,
        "athlete_note": " ".join((track.note, *track.warnings)),
        "boxes": [box.as_list() for box in track.boxes],
        "times_s": times_s,
        "frames": [
            {"index": i, "time_s": times_s[i], "box": asdict(track.boxes[i])} for i in indices
        ],
    }
    before = load_ingest(storage, session.video_id)
    if before and (before["times_s"], before["boxes"]) != (found["times_s"], found["boxes"]):
        delete_features(storage, session.video_id)  # they were seen elsewhere, or at other times
    save_ingest(storage, session.video_id, found)
    return found


def _draft(services: Services, session: Video, frame: dict[str, Any]) -> NewTask:
    return NewTask(
        image=frame_address(services.storage, media_key(session.video_id, frame["index"])),
        video_id=session.video_id,
        athlete=session.athlete,
        exercise=session.exercise.value,
        frame_index=frame["index"],
        time_s=frame["time_s"],
        box=Box(**frame["box"]),
        footage=session.footage,
    )
