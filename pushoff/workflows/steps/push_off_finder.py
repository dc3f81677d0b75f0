"""What finds the push-offs of a video: the model's sequence head, or where there is none the rules.

Reports, spans, the suggestions for a video's frames and `pushoff evaluate` ask here, so that they
agree.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pushoff.errors import BadInput, NoSuchModel
from pushoff.learning.model.champion import load_champion_model
from pushoff.learning.starter import RULES, predict_with_rules
from pushoff.services import Services
from pushoff.storage.video_predictions import VideoPredictions, predictions_of
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

    def suggest(
        self, features: "VideoFeatures", capture_fps: float | None
    ) -> VideoPredictions | None:
        """The same, to be stored and suggested to annotators. Raises ModelRefused.

        `capture_fps` is the camera's rate as the video's details give it. None for rules that saw
        no body in any frame: what they say of such a video is no reason to preselect not_push_off.
        """
        if self.model is None and not features.has_body:
            return None
        return predictions_of(self.version, self.predict(features), capture_fps)

    def is_out_of_distribution(self, features: "VideoFeatures") -> bool:
        """Whether the video is unlike those the model learnt from; False for the rules."""
        return bool(self.model and self.model.novelty_detector.is_out_of_distribution(features))

    @property
    def trained_on(self) -> frozenset[str]:
        """Ids of the videos that it learnt from."""
        return self.model.trained_on if self.model else frozenset()


def push_off_finder(
    version: str | None, model: "PushOffModel | None", extractor: "FeatureExtractor"
) -> PushOffFinder:
    """The model's sequence head; the rules without a model, and where it learnt from loose pictures
    only.

    `version` is the model's, `extractor` the backbone in use: a model can use the features of
    videos later.
    """
    if version and model and model.sequence:
        return PushOffFinder(version, extractor, model)
    return PushOffFinder(RULES, extractor)


def load_push_off_finder(
    services: Services, version: str | None = None, *, rules: bool = False
) -> PushOffFinder:
    """`push_off_finder` of the version, by default the champion.

    `rules` asks for the rules whatever there is. Raises NoSuchModel when there is no such version
    or it has no sequence head; BadInput for rules and a version at once; ModelRefused,
    RegistryUnavailable.
    """
    if rules:
        if version is not None:
            raise BadInput(f"name either the rules or the version {version}, not both")
        return push_off_finder(None, None, backbone_in_use(services, None))
    try:
        name, model = load_champion_model(services.registry, services.model_cache, version)
    except NoSuchModel:
        if version is not None:
            raise
        return push_off_finder(None, None, backbone_in_use(services, None))
    if version is not None and model.sequence is None:
        raise NoSuchModel(
            f"{name} learnt from single pictures only and cannot analyse a video.",
            code="no_sequence_head",
            remedy="Name another version, or label frames of videos that are stored.",
        )
    return push_off_finder(name, model, model.extractor)
