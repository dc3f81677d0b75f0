"""pushoff/coach/sessions.py: who may see a session, and how it is found."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushoff.coach.session_queries import (
    SessionFilter,
    list_sessions,
    sessions_of_video,
)
from pushoff.coach.sessions import (
    SessionDetails,
    State,
    change_session,
    create_session,
    get_session,
    may_change,
    normalize_for_search,
    stored_bytes,
)
from pushoff.errors import BadInput, NoSuchSession, Unsafe
from pushoff.values import Exercise


def names(database, viewer, **wanted):
    found, count = list_sessions(database, viewer, SessionFilter(**wanted))
    assert count >= len(found)
    return [one.details.athlete for one in found]


def test_coaches_see_their_own_sessions_only(database, people, add):
    """Annotators and admins see every session."""
    mine, theirs = add("carla", athlete="Ada"), add("otto", athlete="Bea")
    assert names(database, people["carla"]) == ["Ada"]
    assert names(database, people["otto"]) == ["Bea"]
    assert set(names(database, people["anna"])) == {"Ada", "Bea"}
    assert set(names(database, people["root"])) == {"Ada", "Bea"}
    assert get_session(database, mine.session_id, people["anna"]) == mine
    with pytest.raises(NoSuchSession) as other:
        get_session(database, theirs.session_id, people["carla"])
    with pytest.raises(NoSuchSession) as none:
        get_session(database, "0" * 16, people["carla"])
    assert str(other.value) == str(none.value)


def test_who_may_change_a_session(people, add):
    """Its coach and admins; annotators may only correct it."""
    session = add("carla")
    allowed = {name: may_change(account, session) for name, account in people.items()}
    assert allowed == {"carla": True, "otto": False, "anna": False, "root": True}


@pytest.mark.parametrize("wrong", ["", "../../etc", "A" * 16, "0" * 15, "0" * 17, "0" * 16 + "\n"])
def test_an_invalid_id_is_refused(database, people, wrong):
    """Before any lookup."""
    for use in (get_session, change_session):
        with pytest.raises(Unsafe):
            use(database, wrong)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=30))
def test_every_part_of_a_name_finds_it(name):
    """Normalising keeps the order of letters."""
    for word in name.split():
        assert normalize_for_search(word) in normalize_for_search(name)
        assert normalize_for_search(normalize_for_search(word)) == normalize_for_search(word)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"athlete": "  "}, "invalid_athlete"),
        ({"athlete": "x" * 200}, "invalid_athlete"),
        ({"athlete": "a\x00b"}, "invalid_athlete"),
        ({"capture_fps": 0.5}, "invalid_capture_rate"),
        ({"filmed_on": date.today() + timedelta(days=2)}, "date_in_future"),
    ],
)
def test_invalid_details_are_refused(add, changes, code):
    """Each with its own code."""
    with pytest.raises(BadInput) as refused:
        add(**changes)
    assert refused.value.code == code


def test_consent_is_required(database, people):
    """No session is created without it."""
    details = SessionDetails("Ada", Exercise.HOPS, date(2026, 11, 20), None, "a.mp4", 1)
    with pytest.raises(BadInput) as refused:
        create_session(database, people["carla"], details, consent=False)
    assert refused.value.code == "no_consent"
    assert list_sessions(database, people["root"]) == ([], 0)


def test_annotators_cannot_create_sessions(add):
    """Only coaches and admins do."""
    with pytest.raises(BadInput) as refused:
        add("anna")
    assert refused.value.code == "not_allowed"


@pytest.mark.parametrize(
    "given", ["../../etc/passwd", "C:\\videos\\passwd", "passwd", "\x00passwd"]
)
def test_the_filename_is_never_a_path(add, given):
    """Only the last part is stored, unprintable characters replaced."""
    assert add(filename=given).details.filename.lstrip("\N{REPLACEMENT CHARACTER}") == "passwd"


def test_change_session_round_trips(database, add):
    """State, video and calibration."""
    session = add()
    calibration = {"kind": "scale", "points": [[1.5, 2], [3, 4]], "metres": 3.0}
    change_session(
        database, session.session_id, state=State.READY, video_id="a" * 16, calibration=calibration
    )
    after = get_session(database, session.session_id)
    assert (after.state, after.calibration) == (State.READY, calibration)
    assert sessions_of_video(database, "a" * 16) == [after]


def test_stored_bytes_counts_one_coach(database, people, add):
    """Including unfinished uploads."""
    add("carla", size_bytes=3)
    add("carla", size_bytes=2**40)
    add("otto", size_bytes=5)
    assert stored_bytes(database, people["carla"].account_id) == 2**40 + 3
    assert stored_bytes(database, people["anna"].account_id) == 0
