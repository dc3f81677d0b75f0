"""A session's video becomes frames worth labelling, as tasks in Label Studio."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import IO, Any

import numpy as np

from pushoff.services import Services, open_services
from pushoff.storage.sessions import load_session, media_key, save_ingest, video_key
from pushoff.studio.addresses import frame_address
from pushoff.studio.tasks import TaskDraft, create_tasks
from pushoff.values import Box, Frame, Session, VideoInfo

log = logging.getLogger(__name__)

PREVIEW_WIDTH_PX = 480
"""Width the athlete is looked for at: a runner is then about 60 px tall in a 2.7K film."""


def ingest(session_id: str) -> dict[str, Any]:
    """Probe, decode, find the athlete, choose frames, write JPEGs, create tasks.

    Safe to run twice: keys come from the file's content and the frame's index.
    Raises VideoRefused, Unsafe, StorageFailed, StudioUnreachable, StudioRefused.
    """
    with open_services() as services:
        session = load_session(services.storage, session_id)
        found = _frames_of(services, session)
        project_id = services.project(session.project_id)
        services.queue.report({"stage": "creating tasks", "frames": len(found["frames"])})
        drafts = [_draft(services, session, frame) for frame in found["frames"]]
        image_key = services.interface(project_id).image_key
        tasks = create_tasks(services.studio, project_id, drafts, image_key)
        services.queue.ask_publish(project_id, reason="new frames")
        log.info("session %s: %d tasks new", session_id, tasks.created)
        return {
            "project": project_id,
            "tasks_created": tasks.created,
            "tasks_already_there": tasks.already_there,
            **{name: found[name] for name in ("declared_frames", "decoded_frames", "athlete_note")},
        }


def _frames_of(services: Services, session: Session) -> dict[str, Any]:
    """What ingest found in the video: counts, the athlete's box and the chosen frames."""
    from pushoff.video.athlete import find_athlete
    from pushoff.video.choose import choose_frames
    from pushoff.video.decode import decode
    from pushoff.video.picture import encode_jpeg
    from pushoff.video.probe import probe

    storage, report = services.storage, services.queue.report
    with storage.local_copy(video_key(session.session_id)) as path:
        info = probe(path, session.capture_fps)
        small = decode(path, info, max_width_px=PREVIEW_WIDTH_PX, gray=True)
        with tempfile.TemporaryFile(dir=services.scratch) as scratch:
            pictures, times_s = _kept_on_disk(_said(small.frames(), info, report), scratch)
            report({"stage": "finding the athlete", "frames": len(times_s)})
            track = find_athlete(pictures, (info.width_px, info.height_px))
            indices = choose_frames(
                track,
                np.asarray(times_s),
                float(info.capture_rate),
                services.settings.frames_per_session,
                thumbnails=pictures,
            )
        counts = small.counts
        written = 0
        for frame in decode(path, info, indices=indices).frames():
            storage.write(media_key(session.session_id, frame.ref.index), encode_jpeg(frame.image))
            written += 1
            report({"stage": "writing frames", "frame": written, "frames": len(indices)})
    found = {
        "capture_fps": float(info.capture_rate),
        "frame_rate": float(info.frame_rate),
        "size_px": [info.width_px, info.height_px],
        "duration_s": info.duration_s,
        "codec": info.codec,
        "declared_frames": counts.declared,
        "decoded_frames": counts.decoded,
        "athlete_note": track.note,
        "boxes": [box.as_list() for box in track.boxes],
        "times_s": times_s,
        "frames": [
            {"index": i, "time_s": times_s[i], "box": asdict(track.boxes[i])} for i in indices
        ],
    }
    save_ingest(storage, session.session_id, found)
    return found


def _kept_on_disk(frames: Iterable[Frame], scratch: IO[bytes]) -> tuple[np.ndarray, list[float]]:
    """All (N, h, w) uint8 pictures and their times; a long film is larger than memory."""
    times_s, shape = [], (0, 0)
    for frame in frames:
        scratch.write(frame.image.tobytes())
        times_s.append(frame.ref.time_s)
        shape = frame.image.shape
    scratch.flush()
    return np.memmap(scratch, np.uint8, "r", shape=(len(times_s), *shape)), times_s


def _said(
    frames: Iterable[Frame], info: VideoInfo, report: Callable[[dict[str, Any]], None]
) -> Iterator[Frame]:
    for number, frame in enumerate(frames, 1):
        if number % 100 == 0:
            report({"stage": "decoding", "frame": number, "frames": info.declared_frames})
        yield frame


def _draft(services: Services, session: Session, frame: dict[str, Any]) -> TaskDraft:
    return TaskDraft(
        image=frame_address(services.storage, media_key(session.session_id, frame["index"])),
        session=session.session_id,
        athlete=session.athlete,
        exercise=session.exercise.value,
        frame_index=frame["index"],
        time_s=frame["time_s"],
        box=Box(**frame["box"]),
        footage=session.footage,
    )
