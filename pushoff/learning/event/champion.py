"""The event model that reads videos: the one named, else the champion. No torch at import."""

from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.errors import NoSuchModel
from pushoff.learning.registry.registry import EVENTS, Registry

if TYPE_CHECKING:
    from pushoff.learning.event.model import EventModel


def load_event_champion(
    registry: Registry, cache_dir: Path, wanted: str | None = None
) -> "tuple[str, EventModel]":
    """(version, model), its files copied under `cache_dir` once and proven each time.

    `wanted` is a version; None takes the champion. Raises NoSuchModel, ModelRefused,
    RegistryUnavailable.
    """
    from pushoff.learning.event.model import load_event_model

    if wanted is None:
        model = registry.champion(EVENTS)
    else:
        model = next((one for one in registry.list(EVENTS) if one.version == wanted), None)
        if model is None:
            raise NoSuchModel(
                f"there is no model of events {wanted!r}; `pushoff models list --project {EVENTS}` "
                "shows them"
            )
    if model is None:
        raise NoSuchModel(
            "there is no model of events yet: train one with `pushoff train --clips DIR`"
        )
    return model.version, load_event_model(registry.fetch(model, cache_dir))
