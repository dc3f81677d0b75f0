"""pushoff/coach/sessions.py: whose session is whose, and finding it again."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pushoff.coach.searching import normalize_for_search
from pushoff.coach.session_queries import (
    PAGE_SIZE,
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
    stored_bytes,
)
from pushoff.errors import BadInput, NoSuchSession, Unsafe
from pushoff.values import Exercise


def names(database, viewer, **wanted):
    found, count = list_sessions(database, viewer, SessionFilter(**wanted))
    assert count >= len(found)
    return [one.details.athlete for one in found]


def test_a_coach_sees_their_own_and_the_others_all(database, people, add):
    """Coaches see their own sessions; annotators and admins every one."""
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
    """Its coach and an admin; an annotator corrects it and changes nothing else."""
    session = add("carla")
    allowed = {name: may_change(account, session) for name, account in people.items()}
    assert allowed == {"carla": True, "otto": False, "anna": False, "root": True}


@pytest.mark.parametrize("wrong", ["", "../../etc", "A" * 16, "0" * 15, "0" * 17, "0" * 16 + "\n"])
def test_an_id_is_never_a_path(database, people, wrong):
    """Whatever is no id is refused before anything is looked up."""
    for use in (get_session, change_session):
        with pytest.raises(Unsafe):
            use(database, wrong)


@pytest.mark.parametrize(
    ("athlete", "filename", "text"),
    [
        ("Änne Müller", "a.mp4", "änne"),
        ("Änne Müller", "a.mp4", "ÄNNE MÜLLER"),
        ("Änne Müller", "a.mp4", "müller änne"),
        ("Änne Müller", "a.mp4", "anne"),
        ("Großmann", "a.mp4", "GROSSMANN"),
        ("Łukasz Ólafsson", "a.mp4", "ólaf"),
        ("İpek", "a.mp4", "ipek"),
        ("Ada", "GX010123_Weitsprung.MP4", "weitSPRUNG"),
        ("100% Ada_", "a.mp4", "0%"),
        ("100% Ada_", "a.mp4", "a_"),
    ],
)
def test_a_name_is_found_however_it_is_typed(database, people, add, athlete, filename, text):
    """Case and accents do not count, nor do the signs that mean something to a database."""
    add(athlete=athlete, filename=filename)
    add(athlete="Zoe", filename="zzz.mov")
    assert names(database, people["carla"], text=text) == [athlete]


@pytest.mark.parametrize("text", ["%", "_", "\\", "x' or '1'='1"])
def test_signs_of_the_database_find_only_themselves(database, people, add, text):
    """A percent sign is a percent sign."""
    add()
    assert names(database, people["carla"], text=text) == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=30))
def test_every_word_of_a_name_finds_it(name):
    """Folding keeps the order of letters: a part of the name is a part of the folded name."""
    for word in name.split():
        assert normalize_for_search(word) in normalize_for_search(name)
        assert normalize_for_search(normalize_for_search(word)) == normalize_for_search(word)


def test_a_changed_name_is_searched_by_its_new_form(database, people, add):
    """What it was called before finds nothing any more."""
    session = add(athlete="Änne")
    change_session(database, session.session_id, athlete="Björn")
    assert names(database, people["carla"], text="BJÖRN hops") == ["Björn"]
    assert names(database, people["carla"], text="änne") == []


def test_filters_narrow_together(database, people, add):
    """Exercise, state and words must all fit."""
    add(athlete="Ada", exercise=Exercise.HOPS)
    other = add(athlete="Ada", exercise=Exercise.TRIPLE)
    change_session(database, other.session_id, state=State.FAILED, reason="too dark")
    carla = people["carla"]
    assert len(names(database, carla, text="ada")) == 2
    assert len(names(database, carla, exercise=Exercise.TRIPLE)) == 1
    assert names(database, carla, exercise=Exercise.HOPS, state=State.FAILED) == []
    assert len(names(database, carla, state=State.FAILED, text="ada")) == 1


def test_pages_hold_every_session_once_newest_first(database, people, add):
    """Paging loses none and repeats none; the count is of all pages."""
    days = [date(2026, 1, 1) + timedelta(days=number // 2) for number in range(PAGE_SIZE + 3)]
    made = [add(athlete=f"A{number}", filmed_on=day).session_id for number, day in enumerate(days)]
    pages = [
        list_sessions(database, people["carla"], SessionFilter(page=number)) for number in range(3)
    ]
    assert [len(page) for page, _ in pages] == [PAGE_SIZE, 3, 0]
    assert {count for _, count in pages} == {PAGE_SIZE + 3}
    shown = [one for page, _ in pages for one in page]
    assert sorted(one.session_id for one in shown) == sorted(made)
    filmed = [one.details.filmed_on for one in shown]
    assert filmed == sorted(filmed, reverse=True)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"athlete": "  "}, "athlete"),
        ({"athlete": "x" * 200}, "athlete"),
        ({"athlete": "a\x00b"}, "athlete"),
        ({"capture_fps": 0.5}, "0.5"),
        ({"filmed_on": date.today() + timedelta(days=2)}, "future"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(add, changes, says):
    """The sentence names what is wrong."""
    with pytest.raises(BadInput, match=says):
        add(**changes)


def test_without_consent_nothing_is_kept(database, people):
    """No tick, no session."""
    told = SessionDetails("Ada", Exercise.HOPS, date(2026, 11, 20), None, "a.mp4", 1)
    with pytest.raises(BadInput, match="agreed"):
        create_session(database, people["carla"], told, consent=False)
    assert list_sessions(database, people["root"]) == ([], 0)


def test_annotators_upload_nothing(add):
    """An annotator's session is refused."""
    with pytest.raises(BadInput, match="coach"):
        add("anna")


@pytest.mark.parametrize(
    "given", ["../../etc/passwd", "C:\\videos\\passwd", "passwd", "\x00passwd"]
)
def test_a_video_s_name_is_shown_and_never_a_path(add, given):
    """Only its last part is kept, unprintable signs replaced."""
    assert add(filename=given).details.filename.lstrip("\N{REPLACEMENT CHARACTER}") == "passwd"


def test_what_a_session_became_is_kept_whole(database, add):
    """State, video, calibration come back as they went."""
    session = add()
    calibration = {"kind": "scale", "points": [[1.5, 2], [3, 4]], "metres": 3.0}
    change_session(
        database, session.session_id, state=State.READY, video_id="a" * 16, calibration=calibration
    )
    after = get_session(database, session.session_id)
    assert (after.state, after.calibration) == (State.READY, calibration)
    assert sessions_of_video(database, "a" * 16) == [after]


def test_a_coach_s_videos_are_weighed_together(database, people, add):
    """Their own only, also those still arriving."""
    add("carla", size_bytes=3)
    add("carla", size_bytes=2**40)
    add("otto", size_bytes=5)
    assert stored_bytes(database, people["carla"].account_id) == 2**40 + 3
    assert stored_bytes(database, people["anna"].account_id) == 0
