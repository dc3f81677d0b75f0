"""The champion, and the backbone by which its frames' features are extracted."""

from typing import TYPE_CHECKING

from pushoff.services import Services

if TYPE_CHECKING:
    from pushoff.learning.feature_extractor import FeatureExtractor
    from pushoff.learning.frame.classifier import FrameClassifier


def load_champion(services: Services) -> "tuple[str, FrameClassifier] | None":
    """The champion's version and model, its files verified; None before there is one.

    Raises RegistryUnavailable, ModelRefused.
    """
    from pushoff.learning.frame.classifier import load_model

    champion = services.registry.champion()
    if champion is None:
        return None
    return champion.version, load_model(services.registry.fetch(champion, services.model_cache))


def backbone_in_use(services: Services, model: "FrameClassifier | None") -> "FeatureExtractor":
    """The model's backbone; without a model the one training starts from. Raises ModelRefused."""
    from pushoff.learning.feature_extractor import extractor_of, load_feature_extractor

    if model is not None:
        return extractor_of(model)
    settings = services.settings
    return load_feature_extractor(settings.architecture, settings.weights, settings.size_px)[0]
