"""What the model in use finds in a stored video, once per version."""

import logging
from typing import TYPE_CHECKING

from pushoff.errors import BadInput, StorageFailed
from pushoff.services import Services
from pushoff.storage.video_predictions import (
    VideoPredictions,
    delete_video_predictions,
    load_video_predictions,
    save_video_predictions,
)
from pushoff.storage.videos import is_stored, load_video
from pushoff.workflows.steps.champion import LoadedChampion
from pushoff.workflows.steps.data.video_features import video_features
from pushoff.workflows.steps.push_off_finder import push_off_finder

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor

log = logging.getLogger(__name__)


def video_predictions(
    services: Services, champion: LoadedChampion, extractor: "FeatureExtractor", video_id: str
) -> VideoPredictions | None:
    """What the champion's sequence head finds in a video, or where there is none the pose rules.

    What is stored is used while version and camera's rate are the same. `extractor` is the backbone
    in use. None where the video is not stored or cannot be decoded, and where the rules see nobody.
    Of a video that is deleted meanwhile nothing is stored. Raises StorageFailed, ModelRefused.
    """
    storage = services.storage
    if not is_stored(storage, video_id):
        return None
    finder = push_off_finder(champion.version, champion.model, extractor)
    try:
        capture_fps = load_video(storage, video_id).capture_fps
    except BadInput:
        return None  # it was deleted just now
    try:
        stored = load_video_predictions(storage, video_id)
    except StorageFailed as error:
        log.warning("predictions are computed again: %s", error)
        stored = None
    if stored and (stored.version, stored.capture_fps) == (finder.version, capture_fps):
        return stored
    features = video_features(services, extractor, video_id)
    found = finder.suggest(features, capture_fps) if features is not None else None
    if found is not None:
        save_video_predictions(storage, video_id, found)
        if not is_stored(storage, video_id):
            delete_video_predictions(storage, video_id)
            return None
    return found
