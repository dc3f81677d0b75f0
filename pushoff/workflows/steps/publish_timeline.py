"""Whole videos for annotators: one task per video, its spans pre-filled with found push-offs."""

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import BadInput
from pushoff.services import Services
from pushoff.storage.publications import publication_name
from pushoff.storage.video_index import video_frames
from pushoff.storage.videos import preview_key, video_key
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.predictions import activate_version
from pushoff.studio.task_data import read_frame
from pushoff.studio.tasks import CreatedTasks, create_tasks, list_tasks
from pushoff.studio.timeline.tasks import (
    VideoSuggestion,
    event_regions,
    push_suggestions,
    video_task,
)
from pushoff.util.progress import Progress
from pushoff.values import Video
from pushoff.workflows.results import PublishResult
from pushoff.workflows.steps.champion import backbone_in_use, load_champion
from pushoff.workflows.steps.video_predictions import video_predictions

if TYPE_CHECKING:
    pass

log = logging.getLogger(__name__)

LEAST_CERTAIN_VIDEO_FIRST = "least certain video first"
"""The only order of videos. A version's predictions share one publication name, whichever videos
it has been pushed to: what a version finds in a video does not depend on the other videos."""


def create_video_task(
    services: Services, video: Video, project_id: int, interface: TimelineInterface
) -> CreatedTasks:
    """Write the video's preview and create its task. Safe to run twice and to be killed anywhere.

    Raises VideoRefused, StorageFailed, StudioUnreachable, StudioRefused.
    """
    write_video_preview(services, video)
    draft = video_task(services.storage, video)
    return create_tasks(services.studio, project_id, [draft], interface.video_key)


def write_video_preview(services: Services, video: Video) -> None:
    """Write the video's preview where Label Studio loads it from, unless it is there.

    It has one frame for each frame of the video, at 60/s, so that Label Studio's frame numbers are
    the video's. Raises VideoRefused, StorageFailed.
    """
    from pushoff.video.decoding.probe import probe
    from pushoff.video.preview import write_preview

    storage, key = services.storage, preview_key(video.video_id)
    if storage.exists(key):
        return
    with (
        storage.local_copy(video_key(video.video_id)) as path,
        tempfile.TemporaryDirectory(dir=services.scratch) as folder,
    ):
        preview = Path(folder) / "video.mp4"
        info = probe(path, video.capture_fps)
        write_preview(path, info, preview, services.queue.jobs.report)
        storage.write_file(key, preview)


def publish_timeline(services: Services, project_id: int, reason: str) -> PublishResult:
    """Find the push-offs in each unlabelled video, push them as spans, activate that version.

    The champion finds them; before there is one, the pose rules do; where there are neither, videos
    have no suggestion. Safe to run twice: what a version found is stored, and tasks that have its
    prediction are left alone.
    Raises BadInput for a project of single frames, StudioUnreachable, StudioRefused,
    RegistryUnavailable, ModelRefused.
    """
    interface = services.interface(project_id)
    if not isinstance(interface, TimelineInterface):
        raise BadInput(f"project {project_id} labels single frames, not whole videos")
    champion = load_champion(services)
    extractor = backbone_in_use(services, champion.model)
    pool = list(list_tasks(services.studio, project_id, only_unlabelled=True))
    suggestions, unreadable, version = [], 0, champion.version
    for number, task in enumerate(pool, 1):
        services.queue.jobs.report(Progress("analysing videos", number, len(pool), "task"))
        video = video_frames(services.storage, read_frame(task.data, interface.video_key).video_id)
        predictions = None
        if video is not None:
            video_id = video.video.video_id
            predictions = video_predictions(services, champion, extractor, video_id)
        if video is None or predictions is None:
            unreadable += 1
            continue
        version = predictions.version
        regions = event_regions(interface, predictions, video.clock_s)
        suggestions.append(VideoSuggestion(task.id, regions, predictions.score))
    name, pushed = None, 0
    if suggestions and version:
        name = publication_name(version, (), {"order": LEAST_CERTAIN_VIDEO_FIRST})
        pushed = push_suggestions(services.studio, project_id, suggestions, name)
        activate_version(services.studio, project_id, name)
    log.info("project %d: %d of %d videos pre-filled", project_id, pushed, len(pool))
    return PublishResult(
        project_id=project_id,
        reason=reason,
        published=name,
        strategy=LEAST_CERTAIN_VIDEO_FIRST,
        pool=len(pool),
        pushed=pushed,
        already_there=len(suggestions) - pushed,
        unreadable=unreadable,
    )
