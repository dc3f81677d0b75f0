"""Frames described once by the backbone that is in use, so that nobody looks at them again."""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pushoff.errors import MediaError, MediaUnavailable, StudioUnreachable, Unsafe, VideoRefused
from pushoff.services import Services
from pushoff.storage.feature_store import FeatureStore, FrameAddress
from pushoff.storage.videos import load_ingest, load_video, video_key
from pushoff.util.progress import Progress
from pushoff.values import Box

if TYPE_CHECKING:
    from pushoff.learning.frame.backbone import Backbone
    from pushoff.learning.frame.classifier import FrameClassifier

log = logging.getLogger(__name__)

MISSING_SHARE = 0.02
"""More pictures than this missing at once is an outage, not deleted files."""
BATCH = 64
"""Crops described at a time; of whole pictures only one is in memory."""


def serving(services: Services, project_id: int) -> "tuple[str, FrameClassifier] | None":
    """The project's champion, loaded and proven; None before there is one."""
    from pushoff.learning.frame.classifier import load_model

    champion = services.registry.champion(project_id)
    if champion is None:
        return None
    return champion.version, load_model(services.registry.fetch(champion, services.model_cache))


def backbone_in_use(services: Services, model: "FrameClassifier | None") -> "Backbone":
    """The champion's backbone, or the one training would begin with. Raises ModelRefused."""
    from pushoff.learning.frame.backbone import backbone_of, initial_backbone

    if model is not None:
        return backbone_of(model)
    settings = services.settings
    return initial_backbone(settings.architecture, settings.weights, settings.size_px)


def feature_store(services: Services, backbone: "Backbone") -> FeatureStore:
    """Where what `backbone` describes is kept."""
    return FeatureStore(services.storage, backbone.key)


def extract_features(
    services: Services,
    backbone: "Backbone",
    frames: Sequence[FrameAddress],
    task_ids: Sequence[int],
) -> tuple[FeatureStore, list[int]]:
    """Describe what is not described yet: whole videos of ours, else the picture of the task.

    Returns the store, and the places of `frames` whose picture cannot be had.
    Raises StorageFailed, StudioUnreachable when Label Studio is away.
    """
    store = feature_store(services, backbone)
    asked = sorted({one.session for one in frames if one.frame_index is not None})
    videos = [one for one in asked if store.video(one) is None and _is_video(services, one)]
    for number, video_id in enumerate(videos, 1):
        services.queue.report(Progress("describing videos", number, len(videos), "video"))
        extract_video_features(services, backbone, store, video_id)
    _, known = store.rows(frames)
    missing = [row for row in range(len(frames)) if not known[row, 0]]
    return store, _describe_pictures(services, backbone, store, frames, task_ids, missing)


def extract_video_features(
    services: Services, backbone: "Backbone", store: FeatureStore, video_id: str
) -> None:
    """Every frame of an ingested video, at the athlete's box; a video that is cut off: what it has.

    A video that cannot be decoded any more is left out and said; its tasks' pictures are used.
    """
    from pushoff.learning.frame.crops import frame_crops
    from pushoff.video.decoding.probe import probe

    storage = services.storage
    found = load_ingest(storage, video_id)
    boxes = [Box(*box) for box in found["boxes"]]
    size_px = backbone.preprocessing.size_px
    described = []
    try:
        with storage.local_copy(video_key(video_id)) as path:
            info = probe(path, load_video(storage, video_id).capture_fps)
            for crops in frame_crops(path, info, boxes, size_px):
                described.append(backbone.describe(crops))
    except VideoRefused as why:
        log.warning("video %s is not described: %s", video_id, why)
        return
    if described:
        features = np.concatenate(described)
        store.save_video(video_id, np.array(found["times_s"][: len(features)]), features)
        if not storage.exists(video_key(video_id)):
            store.forget_video(video_id)  # deleted everywhere meanwhile


def _is_video(services: Services, video_id: str) -> bool:
    """Ingested here, video and all."""
    try:
        return load_ingest(services.storage, video_id) is not None and services.storage.exists(
            video_key(video_id)
        )
    except Unsafe:  # a name of somebody else's
        return False


def _describe_pictures(
    services: Services,
    backbone: "Backbone",
    store: FeatureStore,
    frames: Sequence[FrameAddress],
    task_ids: Sequence[int],
    missing: Sequence[int],
) -> list[int]:
    from pushoff.learning.frame.classifier import crop_and_resize

    lost, rows, crops, described = [], [], [], []
    away = 0
    for number, row in enumerate(missing, 1):
        try:
            image = services.fetcher.image(frames[row].image, task_ids[row])
        except MediaError as why:
            log.info("task %d has no usable image: %s", task_ids[row], why)
            lost.append(row)
            away += isinstance(why, MediaUnavailable)
            if away > max(3, MISSING_SHARE * len(frames)):
                raise StudioUnreachable(
                    f"{away} images cannot be had right now, the last of task {task_ids[row]}: "
                    f"{why}"
                ) from None
            continue
        crops.append(crop_and_resize(image, frames[row].box, backbone.preprocessing.size_px))
        rows.append(row)
        if len(crops) == BATCH:
            described.append(backbone.describe(np.stack(crops)))
            crops = []
            services.queue.report(Progress("scoring", number, len(missing), "task"))
    if crops:
        described.append(backbone.describe(np.stack(crops)))
    if rows:
        store.save_pictures([frames[row] for row in rows], np.concatenate(described))
    return lost
