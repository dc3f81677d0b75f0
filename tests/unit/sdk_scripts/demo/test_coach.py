"""The coach's part of the demo, run a second time."""

from pushoff.coach.accounts import Role, add_account
from pushoff.learning.frame.classifier import save_model
from pushoff.learning.network import create_network
from pushoff.services import Services
from pushoff.values import Exercise
from sdk_scripts.demo.coach import COACH, coach_part
from tests.coach_sessions import kept_session
from tests.unit.backend.test_app import settings
from tests.unit.learning.learning_samples import card

PASSWORD = "correct horse battery"


def test_a_second_run_neither_trains_nor_uploads(tmp_path, capsys):
    """The model and the session of the first run are shown; the videos are not even read."""
    services = Services(settings(tmp_path))
    account = add_account(services.database, COACH, Role.COACH, PASSWORD)
    folder = tmp_path / "model"
    saved = save_model(folder, create_network("resnet18"), card())
    version = services.registry.register(folder, saved, {}, {}, {})
    services.registry.promote(version, "the first run")
    session = kept_session(services, account, athlete="Ada")
    videos = [(tmp_path / f"{name}.mp4", name, Exercise.HOPS) for name in ("Bea", "Ada")]
    assert coach_part(services, videos, PASSWORD) == session
    assert session.headline in capsys.readouterr().out
    assert [model.version for model in services.registry.versions()] == [version]
    services.database.close()
