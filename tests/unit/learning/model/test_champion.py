import pytest

from pushoff.errors import NoSuchModel
from pushoff.learning.heads.fit_sequence import fit_event_model
from pushoff.learning.model.champion import load_event_champion
from pushoff.learning.model.model_file import save_event_model
from pushoff.learning.model.temporal_head import OUTPUTS
from pushoff.learning.registry.registry import Registry
from tests.unit.learning.event_samples import CONFIG, known_videos, small_extractor
from tests.unit.learning.learning_samples import card


@pytest.fixture
def registry(tmp_path):
    return Registry(f"sqlite:///{tmp_path / 'mlflow.db'}", str(tmp_path / "models"))


@pytest.fixture(scope="module")
def event_model():
    return fit_event_model(small_extractor(), known_videos("ab"), CONFIG)


def test_the_champion_is_loaded_unless_a_version_is_named(registry, event_model, tmp_path):
    """Without a name the champion; an unknown version names the command that lists versions."""
    made = save_event_model(tmp_path / "made", event_model, card(classes=OUTPUTS, size_px=64))
    version = registry.register(tmp_path / "made", made, {}, {}, {})
    with pytest.raises(NoSuchModel) as missing:
        load_event_champion(registry, tmp_path / "cache")
    assert "no_champion" == missing.value.code and "pushoff train --clips" in missing.value.remedy
    assert version == load_event_champion(registry, tmp_path / "cache", version)[0]
    registry.promote(version, "first")
    name, model = load_event_champion(registry, tmp_path / "cache")
    assert (version, event_model.settings) == (name, model.settings)
    with pytest.raises(NoSuchModel) as unknown:
        load_event_champion(registry, tmp_path / "cache", "resnet18-v9-abcdef")
    assert "unknown_version" == unknown.value.code
    assert "pushoff models list" in unknown.value.remedy
