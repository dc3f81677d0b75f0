"""The coach's part of the demo, run a second time."""

from pushoff.coach.accounts import Role, add_account
from pushoff.services import Services
from pushoff.values import Exercise
from sdk_scripts.demo.coach import COACH, coach_part
from tests.coach_sessions import kept_session
from tests.unit.backend.test_app import settings

PASSWORD = "correct horse battery"


def test_a_second_run_uploads_nothing(tmp_path, capsys):
    """The session of the first run is shown; the video is not even read."""
    services = Services(settings(tmp_path))
    account = add_account(services.database, COACH, Role.COACH, PASSWORD)
    session = kept_session(services, account, athlete="Ada")
    video = (tmp_path / "Ada.mp4", "Ada", Exercise.HOPS)
    assert coach_part(services, video, PASSWORD) == session
    assert session.headline in capsys.readouterr().out
    services.database.close()
