"""Whole videos for annotators: one task per video, its spans pre-filled with found push-offs."""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import BadInput, ModelRefused, NoSuchModel, VideoRefused
from pushoff.services import Services
from pushoff.storage.event_predictions import (
    EventPredictions,
    load_event_predictions,
    save_event_predictions,
)
from pushoff.storage.publications import publication_name
from pushoff.storage.video_index import VideoFrames, video_frames
from pushoff.storage.videos import is_stored, preview_key, video_key
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

if TYPE_CHECKING:
    from pushoff.events.values import PushOffEvent

log = logging.getLogger(__name__)

LEAST_CERTAIN_VIDEO_FIRST = "least certain video first"
"""The only order of videos. A version's predictions share one publication name, whichever videos
it has been pushed to: what a version finds in a video does not depend on the other videos."""


@dataclass(frozen=True)
class EventFinder:
    """A model that finds push-offs in videos."""

    version: str
    find: "Callable[[Path, VideoFrames], list[PushOffEvent]]"
    """From a video's file and frames to its push-offs. Raises VideoRefused, BadInput."""


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

    The event model finds them; while there is none, the project's frame model; while there is
    neither, videos have no suggestion. Safe to run twice: what a version found is stored, and tasks
    that have its prediction are left alone.
    Raises BadInput for a project of single frames, StudioUnreachable, StudioRefused,
    RegistryUnavailable, ModelRefused.
    """
    interface = services.interface(project_id)
    if not isinstance(interface, TimelineInterface):
        raise BadInput(f"project {project_id} labels single frames, not whole videos")
    finder = _load_finder(services)
    if finder is None:
        log.info("project %d: no model yet, videos have no suggestion", project_id)
        return PublishResult(
            project_id=project_id,
            reason=reason,
            published=None,
            strategy=LEAST_CERTAIN_VIDEO_FIRST,
            pool=0,
            pushed=0,
            already_there=0,
            unreadable=0,
        )
    pool = list(list_tasks(services.studio, project_id, only_unlabelled=True))
    suggestions, unreadable = [], 0
    for number, task in enumerate(pool, 1):
        services.queue.jobs.report(Progress("analysing videos", number, len(pool), "task"))
        video = video_frames(services.storage, read_frame(task.data, interface.video_key).video_id)
        predictions = _predictions(services, finder, video) if video else None
        if video is None or predictions is None:
            unreadable += 1
            continue
        regions = event_regions(interface, predictions, video.clock_s)
        suggestions.append(VideoSuggestion(task.id, regions, predictions.score))
    name = publication_name(finder.version, (), {"order": LEAST_CERTAIN_VIDEO_FIRST})
    pushed = push_suggestions(services.studio, project_id, suggestions, name)
    if suggestions:
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


def _predictions(
    services: Services, finder: EventFinder, video: VideoFrames
) -> EventPredictions | None:
    """The push-offs of the video, found once per version and stored; None: it cannot be read."""
    storage, video_id = services.storage, video.video.video_id
    stored = load_event_predictions(storage, video_id)
    if stored is not None and stored.version == finder.version:
        return stored
    if not is_stored(storage, video_id):
        return None
    try:
        with storage.local_copy(video_key(video_id)) as path:
            events = finder.find(path, video)
    except (VideoRefused, BadInput) as error:
        log.warning("video %s cannot be analysed: %s", video_id, error)
        return None
    push_offs = sorted((event.frame, event.probability) for event in events)
    predictions = EventPredictions(finder.version, tuple(push_offs))
    save_event_predictions(storage, video_id, predictions)
    return predictions


def _load_finder(services: Services) -> EventFinder | None:
    try:
        return _event_finder(services)
    except (NoSuchModel, ModelRefused):
        return _frame_finder(services)


def _event_finder(services: Services) -> EventFinder:
    """The event champion. Raises NoSuchModel, ModelRefused, RegistryUnavailable."""
    from pushoff.learning.event.champion import load_event_champion
    from pushoff.learning.event.extract_features import load_or_extract
    from pushoff.learning.feature_extractor import WITH_MIRROR

    version, model = load_event_champion(services.registry, services.model_cache)

    def find(path: Path, video: VideoFrames) -> "list[PushOffEvent]":
        features = load_or_extract(
            services.storage,
            path,
            video.video.capture_fps,
            model.extractor,
            WITH_MIRROR,
            services.queue.jobs.report,
            services.scratch,
        )
        return model.find_events(features)

    return EventFinder(version, find)


def _frame_finder(services: Services) -> EventFinder | None:
    """A frame model that is champion, applied to every frame; None before there is one."""
    from pushoff.learning.frame.classifier import load_model
    from pushoff.learning.frame.spot_video import spot_with_frame_model
    from pushoff.video.decoding.probe import probe

    champion = services.registry.champion()
    if champion is None:
        return None
    model = load_model(services.registry.fetch(champion, services.model_cache))

    def find(path: Path, video: VideoFrames) -> "list[PushOffEvent]":
        info = probe(path, video.video.capture_fps)
        return spot_with_frame_model(
            model, path, info, video.clock_s, video.boxes, services.queue.jobs.report
        )

    return EventFinder(champion.version, find)
