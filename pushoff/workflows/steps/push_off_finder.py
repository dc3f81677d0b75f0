"""What finds the push-offs of a video: the model's sequence head, or before there is one the rules.

Reports, `pushoff evaluate` and benchmarks ask here, so that all mean the same.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pushoff.errors import BadInput, NoSuchModel
from pushoff.learning.model.champion import load_champion_model
from pushoff.learning.starter import RULES, predict_with_rules
from pushoff.services import Services
from pushoff.workflows.steps.champion import backbone_in_use

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.features.video_features import VideoFeatures
    from pushoff.learning.model.model import PushOffModel
    from pushoff.learning.model.sequence_head import VideoPrediction


@dataclass(frozen=True, eq=False)
class PushOffFinder:
    """A version of the model that has a sequence head, or the pose rules."""

    version: str
    """The model's, or that of the rules."""
    extractor: "FeatureExtractor"
    """By which the features of videos are extracted."""
    model: "PushOffModel | None" = None
    """None: the rules."""

    def predict(self, features: "VideoFeatures") -> "VideoPrediction":
        """The push-offs of a video by its features. Raises ModelRefused."""
        sequence = self.model.sequence if self.model else None
        return sequence.predict(features) if sequence else predict_with_rules(features)

    def is_out_of_distribution(self, features: "VideoFeatures") -> bool:
        """Whether the video is unlike those the model learnt from; False for the rules."""
        return bool(self.model and self.model.novelty_detector.is_out_of_distribution(features))

    @property
    def trained_on(self) -> frozenset[str]:
        """Ids of the videos that it learnt from."""
        return self.model.trained_on if self.model else frozenset()


def load_push_off_finder(
    services: Services, version: str | None = None, *, rules: bool = False
) -> PushOffFinder:
    """The version, by default the champion; the rules where there is no champion, or where it
    learnt from single pictures only.

    `rules` asks for the rules whatever there is. Raises NoSuchModel when there is no such version
    or it has no sequence head; BadInput for rules and a version at once; ModelRefused,
    RegistryUnavailable.
    """
    if rules:
        if version is not None:
            raise BadInput(f"name either the rules or the version {version}, not both")
        return _rules(services, None)
    try:
        name, model = load_champion_model(services.registry, services.model_cache, version)
    except NoSuchModel:
        if version is not None:
            raise
        return _rules(services, None)
    if model.sequence is not None:
        return PushOffFinder(name, model.extractor, model)
    if version is not None:
        raise NoSuchModel(
            f"{name} learnt from single pictures only and cannot analyse a video.",
            code="no_sequence_head",
            remedy="Name another version, or label frames of videos that are stored.",
        )
    return _rules(services, model)


def _rules(services: Services, model: "PushOffModel | None") -> PushOffFinder:
    """The rules. The features come from the backbone in use, so that a model can use them later."""
    return PushOffFinder(RULES, backbone_in_use(services, model))
