"""A stored video becomes tasks in Label Studio: its most useful frames, or the whole video."""

import logging

from pushoff.errors import StorageFailed
from pushoff.services import Services
from pushoff.storage.feature_store import delete_features
from pushoff.storage.ingested_videos import IngestedVideo, load_ingest, save_ingest
from pushoff.storage.object_store import Storage
from pushoff.storage.videos import load_video, video_key
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.tasks import create_tasks
from pushoff.util.progress import Progress
from pushoff.values import Video
from pushoff.workflows.results import IngestResult
from pushoff.workflows.steps.frame_images import write_pictures
from pushoff.workflows.steps.frame_tasks import frame_task
from pushoff.workflows.steps.publish_timeline import create_video_task

log = logging.getLogger(__name__)


def ingest_video(services: Services, video_id: str) -> IngestResult:
    """Track the athlete, choose frames, write them and their strips, create tasks, request a
    publish.

    Safe to run twice: keys are made of the file's content and the frame's index.
    Raises VideoRefused, Unsafe, StorageFailed, StudioUnreachable, StudioRefused, SettingWrong when
    the project is not clear.
    """
    video = load_video(services.storage, video_id)
    ingested = _scan_and_store(services, video)
    project_id = services.project(video.project_id)
    chosen = ingested.chosen_frames
    services.queue.jobs.report(Progress("creating tasks", total=len(chosen), unit="frame"))
    interface = services.interface(project_id)
    if isinstance(interface, TimelineInterface):
        tasks = create_video_task(services, video, project_id, interface)
    else:
        new_tasks = [
            frame_task(
                services.storage, video, index, ingested.times_s[index], ingested.boxes[index]
            )
            for index in chosen
        ]
        tasks = create_tasks(services.studio, project_id, new_tasks, interface.image_key)
    services.queue.request.publish(project_id, reason="new frames")
    log.info("video %s: %d new tasks", video_id, tasks.created)
    return IngestResult(
        project_id=project_id,
        tasks_created=tasks.created,
        tasks_already_there=tasks.already_there,
        declared_frames=ingested.declared_frames,
        decoded_frames=ingested.decoded_frames,
        athlete_note=ingested.athlete_note,
    )


def _scan_and_store(services: Services, video: Video) -> IngestedVideo:
    """Write the chosen frames, their strips and the result. Raises VideoRefused, StorageFailed."""
    from pushoff.video.frame_selection import choose_frames
    from pushoff.video.scan import scan_video

    storage, report = services.storage, services.queue.jobs.report
    with storage.local_copy(video_key(video.video_id)) as path:
        with scan_video(path, video.capture_fps, services.scratch, report) as scan:
            info, track, counts = scan.info, scan.track, scan.counts
            indices = choose_frames(
                track,
                scan.times_s,
                float(info.capture_rate),
                services.settings.frames_per_video,
                thumbnails=scan.images,
            )
            ingested = IngestedVideo(
                width_px=info.width_px,
                height_px=info.height_px,
                frame_rate=float(info.frame_rate),
                capture_rate=float(info.capture_rate),
                duration_s=info.duration_s,
                codec=info.codec,
                declared_frames=counts.declared,
                decoded_frames=counts.decoded,
                athlete_note=" ".join((track.note, *track.warnings)),
                times_s=tuple(map(float, scan.times_s)),
                boxes=tuple(track.boxes),
                chosen_frames=tuple(map(int, indices)),
            )
        write_pictures(storage, video.video_id, path, info, set(indices), ingested.boxes, report)
    if not same_crops(storage, video.video_id, ingested):
        delete_features(storage, video.video_id)  # extracted from other crops, or at other times
    save_ingest(storage, video.video_id, ingested)
    return ingested


def same_crops(storage: Storage, video_id: str, ingested: IngestedVideo) -> bool:
    """Whether the previous result has the same times and boxes; False where it cannot be read."""
    try:
        previous = load_ingest(storage, video_id)
    except StorageFailed as error:
        log.warning("the previous ingest is ignored and replaced: %s", error)
        return False
    if previous is None:
        return True
    return (previous.times_s, previous.boxes) == (ingested.times_s, ingested.boxes)
