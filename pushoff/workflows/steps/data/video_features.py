"""A stored video's features by one backbone, extracted once."""

import logging
from typing import TYPE_CHECKING

from pushoff.errors import BadInput, StorageFailed, VideoRefused
from pushoff.services import Services
from pushoff.storage.deletion import delete_what_was_extracted
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

    The latter is logged. Nothing is left of a video that is deleted meanwhile. Raises
    StorageFailed.
    """
    from pushoff.learning.features.extract_features import load_or_extract
    from pushoff.learning.features.feature_extractor import WITH_MIRROR

    storage = services.storage
    if not is_stored(storage, video_id):
        return None
    try:
        capture_fps = load_video(storage, video_id).capture_fps
        with storage.local_copy(video_key(video_id)) as path:
            features = load_or_extract(
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
    except (BadInput, StorageFailed):
        if is_stored(storage, video_id):
            raise
        return None
    if not is_stored(storage, video_id):
        delete_what_was_extracted(storage, video_id)
        return None
    return features
