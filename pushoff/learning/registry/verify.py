"""Checks of a model's folder: the registered files byte for byte, then a model that loads."""

from pathlib import Path

from pushoff.errors import BadInput, ModelRefused
from pushoff.learning.registry.model_card import NAME as CARD
from pushoff.learning.registry.versions import RegisteredModel
from pushoff.util.file_digest import sha256_of


def verify_files(folder: Path, model: RegisteredModel) -> None:
    """Raises ModelRefused unless card and weights are byte for byte those registered."""
    expected = {
        CARD: model.card_sha256,
        f"weights-{model.weights_sha256[:16]}.safetensors": model.weights_sha256,
    }
    for name, sha256 in expected.items():
        try:
            found = sha256_of(folder / name)
        except BadInput as error:
            raise ModelRefused(f"{model.version}: {error}") from None
        if found != sha256:
            raise ModelRefused(
                f"{model.version}: {name} has SHA-256 {found[:12]}, registered was {sha256[:12]}"
            )


def verify_model(folder: Path) -> None:
    """Load the model on the CPU and discard it. Raises ModelRefused."""
    from pushoff.learning.model.model_file import load_model

    load_model(folder, device="cpu")
