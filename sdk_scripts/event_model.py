"""The event model that a command asked for."""

from typing import TYPE_CHECKING

from pushoff.errors import NoSuchModel
from pushoff.services import Services

if TYPE_CHECKING:
    from pushoff.learning.spotter import Spotter


def event_model(services: Services, wanted: str | None) -> "tuple[str, Spotter]":
    """(version, model): the one named, else the champion. Raises NoSuchModel, ModelRefused."""
    from pushoff.learning.registry import EVENTS
    from pushoff.learning.spotter import load_spotter

    registry = services.registry
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
    return model.version, load_spotter(registry.fetch(model, services.model_cache))
