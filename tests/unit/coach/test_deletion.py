"""pushoff/coach/deletion.py: sessions are hidden, then deleted."""

import pytest
from sqlalchemy import update

from pushoff.coach.corrections import Correction, active_corrections, record_correction
from pushoff.coach.database import SESSIONS
from pushoff.coach.deletion import (
    PendingDeletion,
    pending_deletions,
    remove_session,
    soft_delete,
    soft_delete_older_than,
)
from pushoff.coach.session_queries import (
    list_sessions,
    sessions_of_athlete,
    sessions_of_video,
)
from pushoff.coach.sessions import (
    change_session,
    get_session,
    stored_bytes,
)
from pushoff.errors import NoSuchSession


def test_a_hidden_session_is_in_no_query(database, people, add):
    """Not even for an admin; its size and its video do not count."""
    session, other = add(), add()
    change_session(database, other.session_id, state="ready")
    ready = get_session(database, other.session_id)
    change_session(database, session.session_id, state="ready", video_id="a" * 16)
    soft_delete(database, session.session_id)
    soft_delete(database, session.session_id)
    for viewer in (*people.values(), None):
        with pytest.raises(NoSuchSession):
            get_session(database, session.session_id, viewer)
    assert list_sessions(database, people["root"]) == ([ready], 1)
    assert sessions_of_video(database, "a" * 16) == []
    assert sessions_of_athlete(database, people["root"], ready) == [ready]
    assert stored_bytes(database, people["carla"].account_id) == 1000
    assert pending_deletions(database) == [PendingDeletion(session.session_id, "a" * 16)]


def test_change_session_does_not_restore_a_hidden_session(database, add):
    """A job that is still running may write to its row."""
    session = add()
    soft_delete(database, session.session_id)
    change_session(database, session.session_id, state="ready")
    with pytest.raises(NoSuchSession):
        get_session(database, session.session_id)


def test_remove_session_deletes_its_corrections(database, people, add):
    """Only of a hidden session; a second call does nothing."""
    session, other = add(), add()
    for one in (session, other):
        record_correction(database, one.session_id, people["carla"], Correction("add", 5))
    remove_session(database, session.session_id)
    assert get_session(database, session.session_id) == session
    soft_delete(database, session.session_id)
    for _ in range(2):
        remove_session(database, session.session_id)
    assert pending_deletions(database) == []
    assert active_corrections(database, session.session_id) == []
    assert len(active_corrections(database, other.session_id)) == 1


def test_retention_hides_old_sessions_only(database, people, add):
    """By the time of their creation."""
    old, young = add(athlete="Old"), add(athlete="Young")
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS)
            .where(SESSIONS.c.id == old.session_id)
            .values(created_at="2026-01-01T00:00:00.000Z")
        )
    soft_delete_older_than(database, 30)
    soft_delete_older_than(database, 30)
    assert [one.session_id for one in pending_deletions(database)] == [old.session_id]
    assert list_sessions(database, people["root"])[0] == [young]
