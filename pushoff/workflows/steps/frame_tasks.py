"""Single frames of stored videos as Label Studio tasks."""

from pushoff.storage.object_store import Storage
from pushoff.storage.videos import media_key, strip_key
from pushoff.studio.media.urls import frame_address
from pushoff.studio.tasks import NewTask
from pushoff.values import Box, Video


def frame_task(
    storage: Storage, video: Video, frame_index: int, time_s: float, box: Box
) -> NewTask:
    """The task of one frame, zero-based, at `time_s` camera seconds, with the athlete at `box`.

    Ingest and corrections both create tasks by it, once frame and strip are written: the same
    frame is the same task, whoever comes first.
    """
    return NewTask(
        image=frame_address(storage, media_key(video.video_id, frame_index)),
        strip=frame_address(storage, strip_key(video.video_id, frame_index)),
        video_id=video.video_id,
        athlete=video.athlete,
        exercise=video.exercise.value,
        frame_index=frame_index,
        time_s=time_s,
        box=box,
        footage=video.footage,
    )
