"""The event model in use: the champion, or a version by name. No torch at import."""

from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import NoSuchModel
from pushoff.learning.registry.registry import Registry

if TYPE_CHECKING:
    from pushoff.learning.event.model import EventModel


def load_event_champion(
    registry: Registry, cache_dir: Path, version: str | None = None
) -> "tuple[str, EventModel]":
    """(version, model), its files copied under `cache_dir` once and verified each time.

    Without `version` the champion is loaded. Raises NoSuchModel, ModelRefused,
    RegistryUnavailable.
    """
    from pushoff.learning.event.model_file import load_event_model

    if version is None:
        model = registry.champion()
        if model is None:
            raise NoSuchModel(
                "There is no event model yet.",
                code="no_champion",
                remedy="Train one with `pushoff train --clips DIR`.",
            )
    else:
        model = registry.get(version)
    return model.version, load_event_model(registry.fetch(model, cache_dir))
