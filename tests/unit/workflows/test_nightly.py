"""The nightly job where there is no Label Studio."""

import os
import time
from datetime import date

from pushoff.coach.accounts import Role, add_account
from pushoff.coach.session_queries import sessions_in_state
from pushoff.coach.sessions import (
    SessionDetails,
    State,
    create_session,
)
from pushoff.coach.upload_staging import Chapter
from pushoff.services import open_services
from pushoff.values import Exercise
from pushoff.workflows.nightly import nightly


def test_without_label_studio_old_uploads_are_still_given_up(tmp_path, monkeypatch):
    """A service for coaches alone: nothing is retrained, and broken-off uploads go."""
    for name in [name for name in os.environ if name.startswith("PUSHOFF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PUSHOFF_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with open_services() as services:
        coach = add_account(services.database, "carla", Role.COACH, "correct horse")
        told = SessionDetails("Ada", Exercise.HOPS, date(2026, 11, 1), None, "a.mp4", 5)
        session = create_session(services.database, coach, told, consent=True)
        services.upload_staging.declare(session.session_id, [Chapter("a.mp4", 5, 1)])
        long_ago = time.time() - 6 * 24 * 3600
        for path in services.upload_staging.folder(session.session_id).iterdir():
            os.utime(path, (long_ago, long_ago))
        assert nightly(services) == {"projects": [], "forgetting": 0, "uploads_given_up": 1}
        assert nightly(services) == {"projects": [], "forgetting": 0, "uploads_given_up": 0}
        assert not sessions_in_state(services.database, State.UPLOADING)
