"""Suggestions for frames of stored videos, out of what the served model found in the whole video.

A worker stores that when it publishes, so `/predict` and the published queue agree.
"""

import logging
from typing import TYPE_CHECKING

from backend.model_cache import ServedModel
from pushoff.errors import StorageFailed
from pushoff.storage.video_predictions import VideoPredictions, load_video_predictions
from pushoff.storage.videos import is_stored, load_video

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

log = logging.getLogger(__name__)


def served_predictions(
    storage: "Storage", served: ServedModel | None, video_id: str
) -> VideoPredictions | None:
    """What the served model finds in a video, or where it has no sequence head the pose rules.

    As stored, else from stored features, which takes a fraction of a second and is not stored.
    Before there is a model what the rules found is used where a worker stored it. None where the
    video is not stored or has no features by this backbone: no video is decoded here. Raises
    StorageFailed, ModelRefused, BadInput for a video that was just deleted.
    """
    from pushoff.learning.features.extract_features import load_stored
    from pushoff.learning.features.feature_extractor import WITH_MIRROR
    from pushoff.learning.starter import RULES
    from pushoff.workflows.steps.push_off_finder import push_off_finder

    if not is_stored(storage, video_id):
        return None
    capture_fps = load_video(storage, video_id).capture_fps
    stored = _stored(storage, video_id)
    if served is None:
        by_rules = stored and (stored.version, stored.capture_fps) == (RULES, capture_fps)
        return stored if by_rules else None
    extractor = served.model.extractor
    finder = push_off_finder(served.version, served.model, extractor)
    if stored and (stored.version, stored.capture_fps) == (finder.version, capture_fps):
        return stored
    features = load_stored(storage, video_id, capture_fps, extractor, WITH_MIRROR)
    return finder.suggest(features, capture_fps) if features is not None else None


def _stored(storage: "Storage", video_id: str) -> VideoPredictions | None:
    """None where they are missing or damaged."""
    try:
        return load_video_predictions(storage, video_id)
    except StorageFailed as error:
        log.warning("the predictions of video %s are not used: %s", video_id, error)
        return None
