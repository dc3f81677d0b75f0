"""Features of frames as pictures alone, by one backbone, extracted once and stored."""

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from pushoff.errors import MediaError, MediaUnavailable, StudioUnreachable
from pushoff.services import Services
from pushoff.storage.feature_store import Crop, FeatureStore, FrameAddress
from pushoff.storage.videos import is_stored
from pushoff.util.progress import OnProgress, Progress
from pushoff.values import Box
from pushoff.workflows.steps.data.freeze_dataset import MAX_MISSING, MAX_MISSING_SHARE
from pushoff.workflows.steps.data.video_features import video_features

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.features.video_features import VideoFeatures
    from pushoff.video.athlete_finder import AthleteFinder

log = logging.getLogger(__name__)

BATCH = 64
"""Crops whose features are extracted at a time; only one whole image is in memory."""
LoadImage = Callable[[int], np.ndarray]
"""From a row to its whole image, (H, W, 3) uint8 RGB. Raises MediaError."""


def extract_features(
    services: Services,
    backbone: "FeatureExtractor",
    frames: Sequence[FrameAddress],
    task_ids: Sequence[int],
) -> tuple[FeatureStore, list[int]]:
    """Extract what the store does not have: all frames of stored videos, else the task's image.

    `task_ids` names the task of each frame. Returns the store and the rows of `frames` whose image
    is missing. Raises StorageFailed, and StudioUnreachable when so many images are missing that it
    is an outage.
    """
    store = FeatureStore(services.storage, backbone.fingerprint)
    extract_videos(services, backbone, store, frames)
    without = rows_without(store, frames)

    def load_image(row: int) -> np.ndarray:
        return services.fetcher.image(frames[row].image, task_ids[row])

    report = services.queue.jobs.report
    return store, extract_pictures(backbone, store, frames, without, load_image, report)


def extract_videos(
    services: Services,
    backbone: "FeatureExtractor",
    store: FeatureStore,
    frames: Sequence[FrameAddress],
) -> None:
    """Store the features of every frame of the stored videos that `frames` name.

    A video that cannot be decoded is logged and left out. Raises StorageFailed.
    """
    named = sorted({frame.video_id for frame in frames if frame.frame_index is not None})
    new = [
        name for name in named if store.video(name) is None and is_stored(services.storage, name)
    ]
    for number, video_id in enumerate(new, 1):
        services.queue.jobs.report(Progress("extracting features", number, len(new), "video"))
        features = video_features(services, backbone, video_id, services.queue.jobs.report)
        if features is not None:
            save_pictures_of_video(services, store, video_id, features)


def save_pictures_of_video(
    services: Services, store: FeatureStore, video_id: str, features: "VideoFeatures"
) -> None:
    """Store each frame of a video as a picture alone. Raises StorageFailed."""
    from pushoff.learning.features.feature_extractor import PLAIN
    from pushoff.learning.heads.training_data import PICTURE_VIEW

    if len(features.times_s):
        store.save_video(video_id, features.views[PLAIN][PICTURE_VIEW])
        if not is_stored(services.storage, video_id):
            store.delete_video(video_id)  # the video was deleted meanwhile


def rows_without(store: FeatureStore, frames: Sequence[FrameAddress]) -> list[int]:
    """The rows of frames that have no features yet."""
    _, known = store.rows(frames)
    return (~known).nonzero()[0].tolist()


def rows_without_athlete(store: FeatureStore, frames: Sequence[FrameAddress]) -> list[int]:
    """The rows of frames with features of the whole image: nothing can be learnt or said of them.

    They have no box, and nobody was found in the image.
    """
    crops = [store.crop(frame) for frame in frames]
    return [row for row, crop in enumerate(crops) if crop and not crop.shows_athlete]


def extract_pictures(
    backbone: "FeatureExtractor",
    store: FeatureStore,
    frames: Sequence[FrameAddress],
    rows: Sequence[int],
    load_image: LoadImage,
    on_progress: OnProgress,
) -> list[int]:
    """Store features of these rows' own images: of the given box, else of the athlete found there.

    Where nobody is found they are those of the whole image, see `rows_without_athlete`. Returns the
    rows whose image is missing. Raises StorageFailed, and StudioUnreachable when so many are
    missing that it is an outage.
    """
    from pushoff.video.athlete_finder import AthleteFinder
    from pushoff.video.event_inputs import athlete_crop

    missing: list[int] = []
    extracted: dict[int, Crop] = {}
    crops: list[np.ndarray] = []
    parts: list[np.ndarray] = []
    unavailable = 0
    with AthleteFinder() as finder:
        for number, row in enumerate(rows, 1):
            try:
                image = load_image(row)
            except MediaError as error:
                log.info("a frame of video %s has no usable image: %s", frames[row].video_id, error)
                missing.append(row)
                unavailable += isinstance(error, MediaUnavailable)
                if unavailable > max(MAX_MISSING, MAX_MISSING_SHARE * len(frames)):
                    raise StudioUnreachable(
                        f"{unavailable} images are unavailable, the last: {error}"
                    ) from None
                continue
            box, extracted[row] = _athlete(finder, frames[row], image)
            crops.append(athlete_crop(image, box, backbone.size_px))
            if len(crops) == BATCH:
                parts.append(backbone.extract(np.stack(crops)))
                crops = []
                on_progress(Progress("scoring", number, len(rows), "task"))
    if crops:
        parts.append(backbone.extract(np.stack(crops)))
    if extracted:
        addresses = [frames[row] for row in extracted]
        store.save_images(addresses, np.concatenate(parts), list(extracted.values()))
    return missing


def _athlete(
    finder: "AthleteFinder", frame: FrameAddress, image: np.ndarray
) -> tuple[Box | None, Crop]:
    """The athlete's box, and where it comes from."""
    if frame.box is not None:
        return frame.box, Crop.GIVEN
    box = finder.find(image)
    return box, Crop.NOBODY if box is None else Crop.FOUND
