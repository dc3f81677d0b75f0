"""Sessions of an earlier version: found newest first, replaced unless somebody touched them."""

import time

import pytest

from pushoff.coach.corrections import Correction, record_correction, undo_last
from pushoff.coach.deletion import soft_delete
from pushoff.coach.review.checks import mark_checked, unmark_checked
from pushoff.coach.review.newer_analyses import replace_unless_touched, sessions_behind
from pushoff.coach.sessions import State, change_session, get_session


def ready(add, database, version: str = "old", **more) -> str:
    session_id = add(**more).session_id
    change_session(
        database, session_id, state=State.READY, video_id="a" * 16, model_version=version
    )
    time.sleep(0.002)
    return session_id


def behind(database, version: str = "new") -> list[str]:
    return [session.session_id for session in sessions_behind(database, version)]


def test_sessions_of_another_version_are_behind(database, people, add):
    """The newest first; not those that are deleted, not ready, or known by the version."""
    first, second, third = (ready(add, database) for _ in range(3))
    ready(add, database, "new")
    waiting = ready(add, database)
    change_session(database, waiting, state=State.ANALYZING)
    assert behind(database) == [third, second, first]
    soft_delete(database, third)
    change_session(database, second, newer_version="new")
    assert behind(database) == [first]
    assert second in behind(database, "newest")


def test_an_untouched_session_is_replaced(database, people, add):
    """File and row at once."""
    session_id, saved = ready(add, database), []
    assert replace_unless_touched(
        database, session_id, lambda: saved.append(1), model_version="new", push_offs=4
    )
    assert saved == [1] and get_session(database, session_id).model_version == "new"
    with pytest.raises(ValueError):
        replace_unless_touched(database, session_id, _fail, model_version="newest")
    assert get_session(database, session_id).model_version == "new"


def _fail() -> None:
    raise ValueError("the storage is full")


def test_people_s_answers_stand(database, people, add):
    """A corrected, checked or deleted session is left alone; after an undo it is free again."""
    session_id, carla = ready(add, database), people["carla"]

    def replaced() -> bool:
        return replace_unless_touched(database, session_id, lambda: None, model_version="new")

    record_correction(database, session_id, carla, Correction("delete", 5))
    assert not replaced()
    undo_last(database, session_id, carla)
    mark_checked(database, session_id, carla)
    assert not replaced()
    unmark_checked(database, session_id)
    assert replaced()
    soft_delete(database, session_id)
    assert not replaced()
