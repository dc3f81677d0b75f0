"""Features of frames by one backbone, extracted once and stored."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pushoff.errors import MediaError, MediaUnavailable, StudioUnreachable, VideoRefused
from pushoff.services import Services
from pushoff.storage.feature_store import FeatureStore, FrameAddress
from pushoff.storage.ingested_videos import IngestedVideo, load_ingest
from pushoff.storage.videos import is_stored, load_video, video_key
from pushoff.util.progress import Progress
from pushoff.workflows.steps.freeze_dataset import MAX_MISSING, MAX_MISSING_SHARE

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor

log = logging.getLogger(__name__)

BATCH = 64
"""Crops whose features are extracted at a time; only one whole image is in memory."""


def extract_features(
    services: Services,
    backbone: "FeatureExtractor",
    frames: Sequence[FrameAddress],
    task_ids: Sequence[int],
) -> tuple[FeatureStore, list[int]]:
    """Extract what the store does not have: all frames of ingested videos, else the task's image.

    `task_ids` names the task of each frame. Returns the store and the rows of `frames` whose image
    is missing. Raises StorageFailed, and StudioUnreachable when so many images are missing that it
    is an outage.
    """
    store = FeatureStore(services.storage, backbone.fingerprint)
    named = sorted({frame.video_id for frame in frames if frame.frame_index is not None})
    new = [
        name for name in named if store.video(name) is None and is_stored(services.storage, name)
    ]
    for number, video_id in enumerate(new, 1):
        services.queue.jobs.report(Progress("extracting features", number, len(new), "video"))
        ingested = load_ingest(services.storage, video_id)
        if ingested is not None:
            _extract_video(services, backbone, store, video_id, ingested)
    _, known = store.rows(frames)
    without = [row for row in range(len(frames)) if not known[row, 0]]
    return store, _extract_images(services, backbone, store, frames, task_ids, without)


def _extract_video(
    services: Services,
    backbone: "FeatureExtractor",
    store: FeatureStore,
    video_id: str,
    ingested: IngestedVideo,
) -> None:
    """Store features of every frame, cropped to the athlete; of a truncated video what it has.

    A video that cannot be decoded is logged and left out; its tasks' images are used instead.
    """
    from pushoff.learning.frame.crops import frame_crops
    from pushoff.video.decoding.probe import probe

    storage = services.storage
    parts = []
    try:
        with storage.local_copy(video_key(video_id)) as path:
            info = probe(path, load_video(storage, video_id).capture_fps)
            for crops in frame_crops(path, info, ingested.boxes, backbone.preprocessing.size_px):
                parts.append(backbone.extract(crops))
    except VideoRefused as error:
        log.warning("video %s has no features: %s", video_id, error)
        return
    if parts:
        features = np.concatenate(parts)
        store.save_video(video_id, np.array(ingested.times_s[: len(features)]), features)
        if not storage.exists(video_key(video_id)):
            store.delete_video(video_id)  # the video was deleted meanwhile


def _extract_images(
    services: Services,
    backbone: "FeatureExtractor",
    store: FeatureStore,
    frames: Sequence[FrameAddress],
    task_ids: Sequence[int],
    rows: Sequence[int],
) -> list[int]:
    """Store features of these rows' own images; returns the rows whose image is missing."""
    from pushoff.learning.frame.classifier import crop_and_resize

    missing: list[int] = []
    extracted: list[int] = []
    crops: list[np.ndarray] = []
    parts: list[np.ndarray] = []
    unavailable = 0
    for number, row in enumerate(rows, 1):
        try:
            image = services.fetcher.image(frames[row].image, task_ids[row])
        except MediaError as error:
            log.info("task %d has no usable image: %s", task_ids[row], error)
            missing.append(row)
            unavailable += isinstance(error, MediaUnavailable)
            if unavailable > max(MAX_MISSING, MAX_MISSING_SHARE * len(frames)):
                raise StudioUnreachable(
                    f"{unavailable} images are unavailable, the last of task {task_ids[row]}: "
                    f"{error}"
                ) from None
            continue
        crops.append(crop_and_resize(image, frames[row].box, backbone.preprocessing.size_px))
        extracted.append(row)
        if len(crops) == BATCH:
            parts.append(backbone.extract(np.stack(crops)))
            crops = []
            services.queue.jobs.report(Progress("scoring", number, len(rows), "task"))
    if crops:
        parts.append(backbone.extract(np.stack(crops)))
    if extracted:
        store.save_images([frames[row] for row in extracted], np.concatenate(parts))
    return missing
