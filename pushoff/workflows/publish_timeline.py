"""Whole videos for annotators: each video one task, its spans pre-filled with spotted push-offs."""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pushoff.errors import BadInput, NoSuchModel, VideoRefused
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
    video_draft,
)
from pushoff.values import Video

log = logging.getLogger(__name__)

BY_CERTAINTY = "least certain video first"
"""How videos are ordered. A version's suggestions keep one name, for new videos join those that are
there: what a version sees in a video does not change with its neighbours."""


@dataclass(frozen=True)
class Reader:
    """A model that finds push-offs in videos."""

    version: str
    read: Callable[[Path, VideoFrames], list[tuple[int, float]]]
    """From a video's file and frames to last frames of contact with their probabilities."""


def add_video(
    services: Services, session: Video, project_id: int, interface: TimelineInterface
) -> CreatedTasks:
    """The video as browsers play it, and its task. Safe to run twice and to be killed at any line.

    Raises VideoRefused, StorageFailed, StudioUnreachable, StudioRefused.
    """
    show_video(services, session)
    draft = video_draft(services.storage, session)
    return create_tasks(services.studio, project_id, [draft], interface.video_key)


def show_video(services: Services, session: Video) -> None:
    """Write the video's preview where Label Studio finds it, unless it is there.

    One picture for each frame of the video at 60/s, so that Label Studio's frame numbers are right.
    """
    from pushoff.video.decoding.probe import probe
    from pushoff.video.preview import write_preview

    storage, key = services.storage, preview_key(session.video_id)
    if storage.exists(key):
        return
    with (
        storage.local_copy(video_key(session.video_id)) as path,
        tempfile.TemporaryDirectory(dir=services.scratch) as folder,
    ):
        preview = Path(folder) / "video.mp4"
        info = probe(path, session.capture_fps)
        write_preview(path, info, preview, services.queue.report)
        storage.write_file(key, preview)


def publish_timeline(services: Services, project_id: int, reason: str) -> dict[str, Any]:
    """Read each unlabelled video, push what was found as spans, serve that version.

    The model of events reads; while there is none, the project's champion of frames; while there
    is none either, videos come without a suggestion. Safe to run twice: what a version has read is
    kept, and tasks that have its prediction are left alone.
    Raises StudioUnreachable, StudioRefused, RegistryUnavailable, ModelRefused.
    """
    interface = services.interface(project_id)
    if not isinstance(interface, TimelineInterface):
        raise BadInput(f"project {project_id} labels single frames, not whole videos")
    reader = _reader(services, project_id)
    if reader is None:
        nothing = {"pool": 0, "pushed": 0, "strategy": BY_CERTAINTY}
        return {"project": project_id, "published": None, "reason": "no model yet", **nothing}
    pool = list(list_tasks(services.studio, project_id, only_unlabelled=True))
    suggestions, unreadable = [], 0
    for number, task in enumerate(pool, 1):
        services.queue.report({"stage": "reading videos", "task": number, "tasks": len(pool)})
        video = video_frames(services.storage, read_frame(task.data, interface.video_key).session)
        spotted = _spotted(services, reader, video) if video else None
        if video is None or spotted is None:
            unreadable += 1
            continue
        regions = event_regions(interface, spotted, video.clock_s)
        suggestions.append(VideoSuggestion(task.id, regions, spotted.score))
    name = publication_name(reader.version, BY_CERTAINTY, (), "")
    pushed = push_suggestions(services.studio, project_id, suggestions, name)
    if suggestions:
        activate_version(services.studio, project_id, name)
    log.info("project %d: %d of %d videos pre-filled", project_id, pushed, len(pool))
    return {
        "project": project_id,
        "reason": reason,
        "published": name,
        "strategy": BY_CERTAINTY,
        "pool": len(pool),
        "pushed": pushed,
        "already_there": len(suggestions) - pushed,
        "unreadable": unreadable,
    }


def _spotted(services: Services, reader: Reader, video: VideoFrames) -> EventPredictions | None:
    """What the reader finds in the video: read once and kept. None when it cannot be read."""
    storage, video_id = services.storage, video.session.video_id
    kept = load_event_predictions(storage, video_id)
    if kept is not None and kept.version == reader.version:
        return kept
    if not is_stored(storage, video_id):
        return None
    try:
        with storage.local_copy(video_key(video_id)) as path:
            found = reader.read(path, video)
    except (VideoRefused, BadInput) as why:
        log.warning("video %s cannot be read: %s", video_id, why)
        return None
    spotted = EventPredictions(reader.version, tuple(sorted(found)))
    save_event_predictions(storage, video_id, spotted)
    return spotted


def _reader(services: Services, project_id: int) -> Reader | None:
    try:
        return _event_reader(services)
    except NoSuchModel:
        return _frame_reader(services, project_id)


def _event_reader(services: Services) -> Reader:
    from pushoff.learning.event.champion import load_event_champion
    from pushoff.learning.event.extract_features import load_or_extract
    from pushoff.learning.event.feature_extractor import WITH_MIRROR

    version, spotter = load_event_champion(services.registry, services.model_cache)

    def read(path: Path, video: VideoFrames) -> list[tuple[int, float]]:
        described = load_or_extract(
            services.storage,
            path,
            video.session.capture_fps,
            spotter.trunk,
            WITH_MIRROR,
            services.queue.report,
            services.scratch,
        )
        events = spotter.events(described, spotter.read(described))
        return [(event.frame, event.probability) for event in events]

    return Reader(version, read)


def _frame_reader(services: Services, project_id: int) -> Reader | None:
    from pushoff.learning.frame.classifier import load_model
    from pushoff.learning.frame.spot_video import spot_with_frames
    from pushoff.video.decoding.probe import probe

    champion = services.registry.champion(project_id)
    if champion is None:
        return None
    model = load_model(services.registry.fetch(champion, services.model_cache))

    def read(path: Path, video: VideoFrames) -> list[tuple[int, float]]:
        info, say = probe(path, video.session.capture_fps), services.queue.report
        events = spot_with_frames(model, path, info, video.clock_s, video.boxes, say)
        return [(event.frame, event.probability) for event in events]

    return Reader(champion.version, read)
