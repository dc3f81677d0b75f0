"""The model in use: the champion, or a version by name. No torch at import."""

from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import NoSuchModel
from pushoff.learning.registry.registry import Registry

if TYPE_CHECKING:
    from pushoff.learning.model.model import PushOffModel


def load_champion_model(
    registry: Registry, cache_dir: Path, version: str | None = None
) -> "tuple[str, PushOffModel]":
    """(version, model), its files copied under `cache_dir` once and verified each time.

    Without `version` the champion is loaded. Raises NoSuchModel, ModelRefused,
    RegistryUnavailable.
    """
    from pushoff.learning.model.model_file import load_model

    model = registry.champion() if version is None else registry.get(version)
    if model is None:
        raise NoSuchModel(
            "There is no model yet.",
            code="no_champion",
            remedy="Label frames and run `pushoff retrain`, or train on labelled clips with "
            "`pushoff train --clips DIR`.",
        )
    return model.version, load_model(registry.fetch(model, cache_dir))
