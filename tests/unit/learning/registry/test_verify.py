"""Files of a model, compared with what was registered."""

import shutil
from pathlib import Path

import pytest

from pushoff.errors import ModelRefused
from pushoff.learning.registry.model_card import read_card
from pushoff.learning.registry.verify import verify_files, verify_model
from pushoff.learning.registry.versions import RegisteredModel
from pushoff.util.file_digest import sha256_of


def registered(folder: Path) -> RegisteredModel:
    """As the registry holds the model of this folder."""
    model = read_card(folder)
    return RegisteredModel(
        version="resnet18-v1-abcdef",
        number=1,
        architecture=model.architecture,
        weights_sha256=model.weights_sha256,
        card_sha256=sha256_of(folder / "card.json"),
        dataset_fingerprint=model.dataset_fingerprint,
        scorecard=None,
        created_at=model.created_at,
        run_id="",
        source="",
    )


@pytest.mark.parametrize("pattern", ["card.json", "weights-*"])
def test_a_changed_or_missing_file_is_refused(saved_model, tmp_path, pattern):
    """Card and weights must be byte for byte those that were registered."""
    folder = Path(shutil.copytree(saved_model, tmp_path / "model"))
    model = registered(folder)
    verify_files(folder, model)
    verify_model(folder)
    path = next(folder.glob(pattern))
    with path.open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelRefused):
        verify_files(folder, model)
    path.unlink()
    with pytest.raises(ModelRefused):
        verify_files(folder, model)
