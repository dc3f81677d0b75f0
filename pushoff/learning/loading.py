"""A registered folder, proven to be what its card says: a frame classifier or an event model."""

from pathlib import Path

from pushoff.learning.card import read_card


def prove_model(folder: Path) -> None:
    """Load it on the CPU and let it go. Raises ModelRefused unless it is sound."""
    from pushoff.learning.temporal import OUTPUTS

    if read_card(folder).classes == OUTPUTS:
        from pushoff.learning.spotter import load_spotter

        load_spotter(folder)
        return
    from pushoff.learning.classifier import load_model

    load_model(folder, device="cpu")
