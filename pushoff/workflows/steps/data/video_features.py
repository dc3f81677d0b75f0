"""A stored video's features by one backbone, extracted once."""

import logging
from typing import TYPE_CHECKING

from pushoff.errors import VideoRefused
from pushoff.services import Services
from pushoff.storage.videos import is_stored, load_video, video_key
from pushoff.util.progress import OnProgress, ignore_progress

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.features.video_features import VideoFeatures

log = logging.getLogger(__name__)


def video_features(
    services: Services,
    extractor: "FeatureExtractor",
    video_id: str,
    on_progress: OnProgress = ignore_progress,
) -> "VideoFeatures | None":
    """The features of every frame; None where the video is not stored or cannot be decoded.

    The latter is logged. Raises StorageFailed.
    """
    from pushoff.learning.features.extract_features import load_or_extract
    from pushoff.learning.features.feature_extractor import WITH_MIRROR

    storage = services.storage
    if not is_stored(storage, video_id):
        return None
    capture_fps = load_video(storage, video_id).capture_fps
    try:
        with storage.local_copy(video_key(video_id)) as path:
            return load_or_extract(
                storage,
                path,
                capture_fps,
                extractor,
                WITH_MIRROR,
                on_progress,
                services.scratch,
            )
    except VideoRefused as error:
        log.warning("video %s has no features: %s", video_id, error)
        return None
