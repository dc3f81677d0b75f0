"""A registered folder, proven to be what its card says: a frame classifier or an event model."""

from pathlib import Path

from pushoff.learning.registry.model_card import read_card


def prove_model(folder: Path) -> None:
    """Load it on the CPU and let it go. Raises ModelRefused unless it is sound."""
    from pushoff.learning.event.temporal_head import OUTPUTS

    if read_card(folder).classes == OUTPUTS:
        from pushoff.learning.event.model import load_event_model

        load_event_model(folder)
        return
    from pushoff.learning.frame.classifier import load_model

    load_model(folder, device="cpu")
