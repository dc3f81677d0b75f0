"""What the model in use finds in a stored video, once per version."""

import logging
from typing import TYPE_CHECKING

from pushoff.errors import StorageFailed
from pushoff.services import Services
from pushoff.storage.video_predictions import (
    VideoPredictions,
    load_video_predictions,
    predictions_of,
    save_video_predictions,
)
from pushoff.storage.videos import is_stored, load_video
from pushoff.workflows.steps.champion import LoadedChampion
from pushoff.workflows.steps.data.video_features import video_features

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.features.video_features import VideoFeatures
    from pushoff.learning.model.sequence_head import VideoPrediction

log = logging.getLogger(__name__)


def video_predictions(
    services: Services, champion: LoadedChampion, extractor: "FeatureExtractor", video_id: str
) -> VideoPredictions | None:
    """The champion's predictions for a video; before there is one, those of the pose rules.

    What is stored is used while version and camera's rate are the same. `extractor` is the backbone
    in use. None where the video is not stored or cannot be decoded, where the model has no sequence
    head, and where there are no rules. Raises StorageFailed, ModelRefused, BadInput for a video
    that was just deleted.
    """
    from pushoff.learning.starter import RULES

    storage = services.storage
    if not is_stored(storage, video_id):
        return None
    version = champion.version if champion.model and champion.version else RULES
    capture_fps = load_video(storage, video_id).capture_fps
    try:
        stored = load_video_predictions(storage, video_id)
    except StorageFailed as error:
        log.warning("predictions are computed again: %s", error)
        stored = None
    if stored is not None and (stored.version, stored.capture_fps) == (version, capture_fps):
        return stored
    features = video_features(services, extractor, video_id)
    found = _predict(champion, features) if features is not None else None
    if found is None:
        return None
    predictions = predictions_of(version, found, capture_fps)
    save_video_predictions(storage, video_id, predictions)
    return predictions


def _predict(champion: LoadedChampion, features: "VideoFeatures") -> "VideoPrediction | None":
    from pushoff.learning.starter import predict_with_rules

    if champion.model is None:
        return predict_with_rules(features)
    return champion.model.predict_video(features)
