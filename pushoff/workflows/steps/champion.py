"""The champion, and the backbone by which frames' features are extracted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pushoff.errors import ModelRefused
from pushoff.services import Services

if TYPE_CHECKING:
    from pushoff.learning.features.feature_extractor import FeatureExtractor
    from pushoff.learning.model.model import PushOffModel


@dataclass(frozen=True)
class LoadedChampion:
    """The model in use, as far as there is one and it can be used."""

    version: str | None = None
    """None before the first promotion."""
    model: "PushOffModel | None" = None
    refusal: str = ""
    """Why its files cannot be used; empty where they can."""


NO_CHAMPION = LoadedChampion()


def load_champion(services: Services) -> LoadedChampion:
    """The champion, its files verified. Raises RegistryUnavailable."""
    from pushoff.learning.model.model_file import load_model

    champion = services.registry.champion()
    if champion is None:
        return NO_CHAMPION
    try:
        folder = services.registry.fetch(champion, services.model_cache)
        return LoadedChampion(champion.version, load_model(folder))
    except ModelRefused as error:
        return LoadedChampion(champion.version, None, str(error))


def backbone_in_use(services: Services, model: "PushOffModel | None") -> "FeatureExtractor":
    """The model's backbone; without a model the one training starts from. Raises ModelRefused."""
    from pushoff.learning.features.feature_extractor import load_feature_extractor

    if model is not None:
        return model.extractor
    settings = services.settings
    extractor, _ = load_feature_extractor(settings.architecture, settings.weights, settings.size_px)
    return extractor
