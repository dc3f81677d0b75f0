"""The model: one backbone with a sequence head for videos and a picture head for lone pictures.

Door: torch.
"""

from dataclasses import dataclass, field

import numpy as np

from pushoff.learning.features.feature_extractor import FeatureExtractor
from pushoff.learning.features.video_features import VideoFeatures
from pushoff.learning.model.held_out_predictions import HeldOutPredictions
from pushoff.learning.model.out_of_distribution import NO_DETECTOR, NoveltyDetector
from pushoff.learning.model.picture_head import PictureHead
from pushoff.learning.model.sequence_head import SequenceHead, VideoPrediction
from pushoff.values import ModelCard


@dataclass(frozen=True, eq=False)
class PushOffModel:
    """One version: everything that analyses videos and suggests labels."""

    card: ModelCard
    extractor: FeatureExtractor
    """The backbone; both heads work on its features."""
    picture: PictureHead
    sequence: SequenceHead | None = None
    """None where no label belongs to a stored video: then pictures alone were learnt from."""
    novelty_detector: NoveltyDetector = NO_DETECTOR
    backbone_saw: frozenset[str] = frozenset()
    """Names of what the backbone was trained on (`learning.data.backbone_folds`); empty: initial
    weights."""
    trained_on: frozenset[str] = frozenset()
    """Ids of the training videos."""
    held_out: HeldOutPredictions = field(default_factory=HeldOutPredictions)
    """Predictions for the training videos and pictures, each while it was held out."""

    def predict_video(self, features: VideoFeatures) -> VideoPrediction | None:
        """The push-offs of a video and its frames' probabilities; None without a sequence head.

        `features` are this model's backbone's. Raises ModelRefused when a number is not finite.
        """
        return self.sequence.predict(features) if self.sequence else None

    def predict_pictures(self, crops: np.ndarray) -> np.ndarray:
        """(N,) probabilities of push_off of (N, size, size, 3) uint8 RGB crops of the athlete."""
        return self.picture.probabilities(self.extractor.extract(crops))
