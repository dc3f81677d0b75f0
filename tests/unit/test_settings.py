"""Settings from the environment: defaults, limits, secrets."""

import pytest

from pushoff.errors import SettingWrong
from pushoff.settings import Settings


@pytest.fixture(autouse=True)
def no_env_file(tmp_path, monkeypatch) -> None:
    """No `.env` of the folder the tests run in."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SIZE_PX", "7"), ("RETRAIN_EVERY", "often"), ("STRATEGY", "best"), ("ARCHITECTURE", "vgg")],
)
def test_a_value_out_of_range_names_the_variable(name, value, monkeypatch):
    """A wrong setting is refused with the variable's name, not with pydantic's report."""
    monkeypatch.setenv(f"PUSHOFF_{name}", value)
    with pytest.raises(SettingWrong, match=f"PUSHOFF_{name}"):
        Settings()


def test_an_empty_variable_is_the_default(monkeypatch):
    """docker-compose passes every variable on, also those that are not set."""
    monkeypatch.setenv("PUSHOFF_SIZE_PX", "")
    assert Settings().size_px == 224


def test_what_is_not_set_lies_under_the_data_folder(tmp_path):
    """Storage, database, registry and Redis default to files of DATA_DIR."""
    settings = Settings(data_dir=tmp_path)
    for value in (settings.storage, settings.database, settings.mlflow, settings.redis):
        assert str(tmp_path) in value
    assert settings.artifact_root == str(tmp_path / "models")
    assert Settings(mlflow_uri="http://mlflow:5000").artifact_root == ""


@pytest.mark.parametrize(
    ("value", "code"),
    [("", "missing_secret"), ("changeme", "placeholder_secret"), ("Secret", "placeholder_secret")],
)
def test_a_secret_is_set_and_no_placeholder(value, code):
    """An empty secret and a placeholder are refused, each with its own code."""
    with pytest.raises(SettingWrong, match="PUSHOFF_JOB_SECRET") as caught:
        Settings(job_secret=value).secret("job_secret")
    assert caught.value.code == code


def test_secrets_are_not_printed():
    """The text of the settings shows no secret."""
    assert "hunter2" not in repr(Settings(job_secret="hunter2", backend_password="hunter2"))


def test_origins_are_separated_by_commas(monkeypatch):
    """A list in the environment is split at commas."""
    monkeypatch.setenv("PUSHOFF_MEDIA_ORIGINS", "https://a.example.org, https://b.example.org,")
    assert Settings().media_origins == ("https://a.example.org", "https://b.example.org")


def test_label_studio_is_connected_when_there_is_a_token():
    """Without a token the service works for coaches alone."""
    assert not Settings().label_studio_connected
    assert Settings(label_studio_token="t").label_studio_connected
