"""Suggestions for frames of stored videos, out of what the served model found in the whole video.

A worker stores that when it publishes, so `/predict` and the published queue agree.
"""

import logging
from typing import TYPE_CHECKING

from backend.model_cache import ServedModel
from pushoff.errors import StorageFailed
from pushoff.storage.video_predictions import (
    VideoPredictions,
    load_video_predictions,
    predictions_of,
)
from pushoff.storage.videos import is_stored, load_video

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

log = logging.getLogger(__name__)


def served_predictions(
    storage: "Storage", served: ServedModel, video_id: str
) -> VideoPredictions | None:
    """The served version's predictions for a video: the stored ones, else from stored features.

    The latter take a fraction of a second and are not stored. None where the video is not stored or
    has no features by this backbone, and for a model without a sequence head: no video is decoded
    here. Raises StorageFailed, ModelRefused, BadInput for a video that was just deleted.
    """
    from pushoff.learning.features.extract_features import load_stored
    from pushoff.learning.features.feature_extractor import WITH_MIRROR

    model = served.model
    if model.sequence is None or not is_stored(storage, video_id):
        return None
    capture_fps = load_video(storage, video_id).capture_fps
    stored = _stored(storage, video_id)
    if stored and (stored.version, stored.capture_fps) == (served.version, capture_fps):
        return stored
    features = load_stored(storage, video_id, capture_fps, model.extractor, WITH_MIRROR)
    found = model.predict_video(features) if features is not None else None
    return predictions_of(served.version, found, capture_fps) if found is not None else None


def _stored(storage: "Storage", video_id: str) -> VideoPredictions | None:
    """None where they are missing or damaged."""
    try:
        return load_video_predictions(storage, video_id)
    except StorageFailed as error:
        log.warning("the predictions of video %s are not used: %s", video_id, error)
        return None
