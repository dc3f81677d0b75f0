"""Who checked a session, and what still has to be learnt from."""

import time

import pytest

from pushoff.coach.corrections import Correction, record_correction, undo_last
from pushoff.coach.deletion import soft_delete
from pushoff.coach.review.checks import (
    check_of,
    checked_sessions,
    corrected_sessions,
    mark_checked,
    mark_learnt,
    require_decided,
    unlearnt,
    unmark_checked,
)
from pushoff.coach.sessions import State, change_session
from pushoff.errors import BadInput
from pushoff.events.analysis_result import build_session_report
from pushoff.events.values import PushOffEvent
from pushoff.util.timestamps import now
from tests.coach_sessions import reading


def ids(sessions) -> list[str]:
    return [session.session_id for session in sessions]


@pytest.fixture
def session(add, database) -> str:
    """A ready session of carla's."""
    session_id = add().session_id
    change_session(database, session_id, state=State.READY, video_id="a" * 16)
    return session_id


def test_a_check_names_who_and_when_and_can_be_taken_back(database, people, session):
    """An annotator may check, too."""
    assert check_of(database, session) is None and checked_sessions(database) == []
    mark_checked(database, session, people["anna"])
    assert check_of(database, session).by == "anna"
    assert ids(checked_sessions(database)) == ids(checked_sessions(database, "a" * 16)) == [session]
    assert checked_sessions(database, "b" * 16) == []
    unmark_checked(database, session)
    assert check_of(database, session) is None and checked_sessions(database) == []


def test_a_session_is_learnt_once_until_it_changes(database, people, session):
    """A correction or an undo after the training makes it due again; a deletion does not."""
    mark_checked(database, session, people["carla"])
    assert unlearnt(database) == [session]

    def learn() -> None:
        time.sleep(0.002)
        mark_learnt(database, [session], now())
        time.sleep(0.002)
        assert unlearnt(database) == []

    learn()
    record_correction(database, session, people["carla"], Correction("delete", 5))
    assert unlearnt(database) == [session]
    learn()
    undo_last(database, session, people["carla"])
    assert unlearnt(database) == [session]
    soft_delete(database, session)
    assert unlearnt(database) == [] and checked_sessions(database) == []


def test_corrected_sessions_are_those_that_nobody_checked(database, people, session):
    """With a correction that is not undone."""
    assert corrected_sessions(database) == []
    record_correction(database, session, people["carla"], Correction("delete", 5))
    assert ids(corrected_sessions(database)) == [session]
    mark_checked(database, session, people["carla"])
    assert corrected_sessions(database) == []
    unmark_checked(database, session)
    undo_last(database, session, people["carla"])
    assert corrected_sessions(database) == []


def test_a_possible_push_off_has_to_be_decided_first():
    """It is neither truth nor a mistake until somebody says so."""
    sure, doubtful = PushOffEvent(8, 8 / 30, 0.9), PushOffEvent(30, 1.0, 0.3)
    analysis = reading((8, 30), (0.9, 0.9), 60, 30)
    require_decided(build_session_report(analysis, "a.mp4", events=[sure]))
    with pytest.raises(BadInput) as refused:
        require_decided(build_session_report(analysis, "a.mp4", events=[sure, doubtful]))
    assert refused.value.code == "possible_push_offs"
