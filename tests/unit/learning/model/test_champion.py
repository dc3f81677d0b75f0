"""The champion, or a version by name, out of the registry."""

import pytest

from pushoff.errors import NoSuchModel
from pushoff.learning.model.champion import load_champion_model
from pushoff.learning.model.model_file import save_model
from pushoff.learning.registry.registry import Registry
from tests.unit.learning.event_samples import known_videos, small_model


@pytest.fixture
def registry(tmp_path):
    """Without versions."""
    return Registry(f"sqlite:///{tmp_path / 'mlflow.db'}", str(tmp_path / "models"))


def test_the_champion_is_loaded_unless_a_version_is_named(registry, tmp_path):
    """Without a name the champion; an unknown version names the command that lists versions."""
    model = small_model(known_videos("a"))
    version = registry.register(tmp_path / "made", save_model(tmp_path / "made", model), {}, {}, {})
    with pytest.raises(NoSuchModel) as missing:
        load_champion_model(registry, tmp_path / "cache")
    assert missing.value.code == "no_champion"
    assert "pushoff train --clips" in missing.value.remedy
    assert load_champion_model(registry, tmp_path / "cache", version)[0] == version
    registry.promote(version, "first")
    name, loaded = load_champion_model(registry, tmp_path / "cache")
    assert name == version
    assert loaded.trained_on == model.trained_on
    assert loaded.sequence.settings == model.sequence.settings
    with pytest.raises(NoSuchModel) as unknown:
        load_champion_model(registry, tmp_path / "cache", "resnet18-v9-abcdef")
    assert unknown.value.code == "unknown_version"
    assert "pushoff models list" in unknown.value.remedy
