"""pushoff/coach/corrections.py: an append-only log, and the push-offs that result from it."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.coach.accounts import Account, Role, add_account
from pushoff.coach.corrections import (
    Correction,
    active_corrections,
    apply_corrections,
    check_correction,
    correction_log,
    record_correction,
    undo_last,
)
from pushoff.coach.database import Database
from pushoff.coach.sessions import SessionDetails, create_session
from pushoff.errors import BadInput
from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.values import Foot, PushOffEvent
from pushoff.values import Exercise

FRAMES = 60
TIMES_S = np.arange(FRAMES) / 30
SEEN = np.arange(FRAMES) >= 4

frames = st.integers(-3, FRAMES + 3)
feet = st.sampled_from(list(Foot))
events = st.lists(st.integers(4, FRAMES - 1), unique=True, max_size=6).map(
    lambda places: [
        PushOffEvent(place, place / 30, 0.8, 0.9, toe_px=(float(place), 1.0))
        for place in sorted(places)
    ]
)
asked = st.one_of(
    st.builds(lambda f, foot: Correction("add", f, foot=foot), frames, st.none() | feet),
    st.builds(lambda f, to: Correction("move", f, to_frame=to), frames, frames),
    st.builds(lambda f: Correction("delete", f), frames),
    st.builds(lambda f, foot: Correction("foot", f, foot=foot), frames, feet),
)


def accepted(start: list[PushOffEvent], wanted: list[Correction]) -> list[Correction]:
    """Those that the check lets through, one after the other."""
    taken: list[Correction] = []
    for one in wanted:
        try:
            check_correction(one, apply_corrections(start, taken, TIMES_S), SEEN, TIMES_S)
        except BadInput:
            continue
        taken.append(one)
    return taken


@settings(max_examples=200, deadline=None)
@given(events, st.lists(asked, max_size=12))
def test_checked_corrections_give_valid_push_offs(
    start: list[PushOffEvent], wanted: list[Correction]
) -> None:
    """In the video, in order, and where the athlete is in view."""
    after = apply_corrections(start, accepted(start, wanted), TIMES_S)
    assert all(0 <= one.frame < FRAMES and SEEN[one.frame] for one in after)
    assert all(a.frame < b.frame and a.time_s < b.time_s for a, b in pairwise(after))
    assert all(one.time_s == TIMES_S[one.frame] for one in after)


@settings(max_examples=200, deadline=None)
@given(events, st.lists(asked, max_size=12))
def test_each_correction_changes_one_push_off(
    start: list[PushOffEvent], wanted: list[Correction]
) -> None:
    """An added push-off is one more, a deleted one fewer, a move or a foot changes none."""
    counts = {"add": 1, "delete": -1, "move": 0, "foot": 0}
    taken = accepted(start, wanted)
    for done, one in enumerate(taken):
        before, after = (apply_corrections(start, taken[:n], TIMES_S) for n in (done, done + 1))
        assert len(after) - len(before) == counts[one.kind]
        place = one.frame if one.to_frame is None else one.to_frame
        here = next((event for event in after if event.frame == place), None)
        assert (here is None) == (one.kind == "delete")
        if one.foot:
            assert here is not None
            assert here.foot is one.foot
        if one.kind in ("add", "move"):
            assert here is not None
            assert here.probability == 1.0


@pytest.mark.parametrize(
    ("correction", "refused"),
    [
        (Correction("add", 22), True),
        (Correction("add", 18), True),
        (Correction("add", 23), False),
        (Correction("move", 40, to_frame=21), True),
        (Correction("move", 40, to_frame=30), False),
        (Correction("move", 20, to_frame=20), False),
        (Correction("move", 50, to_frame=50), False),
        (Correction("move", 50, to_frame=49), False),
    ],
)
def test_two_push_offs_of_one_step_are_refused(correction: Correction, refused: bool) -> None:
    """Within 0.1 s of another; what was close before may still be confirmed and moved."""
    start = [PushOffEvent(frame, frame / 30, 0.9) for frame in (20, 40, 48, 50)]
    try:
        check_correction(correction, start, SEEN, TIMES_S)
    except BadInput as error:
        assert refused and error.code == "push_offs_too_close"
    else:
        assert not refused


@given(st.sampled_from(["LLLLLLLL", "LRLRLRLR", "LLRLLRLL", "LLRRLLRR", "LLRLR"]), st.data())
def test_a_corrected_foot_is_never_overruled(drill: str, data: st.DataObject) -> None:
    """Whatever pattern the other push-offs have."""
    start = [
        PushOffEvent(6 * at + 4, (6 * at + 4) / 30, 0.95, 0.95 if foot == "L" else 0.05)
        for at, foot in enumerate(drill)
    ]
    at = data.draw(st.integers(0, len(drill) - 1))
    said = Foot.RIGHT if drill[at] == "L" else Foot.LEFT
    after = apply_corrections(start, [Correction("foot", start[at].frame, foot=said)], TIMES_S)
    assert classify_sequence(after).feet[at] is said


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Account]]:
    folder: Path = tmp_path_factory.mktemp("log")
    database = Database(f"sqlite:///{folder / 'coach.db'}")
    yield database, add_account(database, "carla", Role.COACH, "correct horse battery")
    database.close()


def new_session(kept: tuple[Database, Account]) -> str:
    database, carla = kept
    details = SessionDetails("Ada", Exercise.HOPS, date(2026, 11, 20), None, "a.mp4", 1)
    return create_session(database, carla, details, consent=True).session_id


@settings(max_examples=15, deadline=None)
@given(start=events, wanted=st.lists(asked, max_size=8))
def test_undo_restores_the_previous_push_offs(
    kept: tuple[Database, Account], start: list[PushOffEvent], wanted: list[Correction]
) -> None:
    """One by one, down to the model's own."""
    database, carla = kept
    session_id = new_session(kept)
    taken = accepted(start, wanted)
    for one in taken:
        record_correction(database, session_id, carla, one)
    for left in reversed(range(len(taken) + 1)):
        now = [one.correction for one in active_corrections(database, session_id)]
        assert now == taken[:left]
        assert apply_corrections(start, now, TIMES_S) == apply_corrections(
            start, taken[:left], TIMES_S
        )
        assert (undo_last(database, session_id, carla) is not None) == (left > 0)
    assert apply_corrections(start, [], TIMES_S) == start


def test_the_log_keeps_undone_corrections(kept: tuple[Database, Account]) -> None:
    """Who did what and when stays, marked as undone."""
    database, carla = kept
    session_id = new_session(kept)
    record_correction(database, session_id, carla, Correction("add", 9, foot=Foot.LEFT))
    undo_last(database, session_id, carla)
    record_correction(database, session_id, carla, Correction("delete", 12))
    told = [
        (one.correction.kind, one.by, one.undone) for one in correction_log(database, session_id)
    ]
    assert told == [("add", "carla", True), ("delete", "carla", False)]


def test_corrections_belong_to_one_session(kept: tuple[Database, Account]) -> None:
    """They apply, and are undone, in that session only."""
    database, carla = kept
    first, second = new_session(kept), new_session(kept)
    record_correction(database, first, carla, Correction("delete", 12))
    assert active_corrections(database, second) == []
    assert undo_last(database, second, carla) is None
    assert len(active_corrections(database, first)) == 1


def test_running_steps_and_toes_are_corrected(kept: tuple[Database, Account]) -> None:
    """They are logged and read back; a push-off that is none any more is not changed."""
    database, carla = kept
    session_id = new_session(kept)
    said = [
        Correction("approach", 9, approach=True),
        Correction("toe", 9, toe_px=(10.5, 20.0)),
        Correction("toe", 30, toe_px=(1.0, 2.0)),
    ]
    for one in said:
        record_correction(database, session_id, carla, one)
    assert [one.correction for one in active_corrections(database, session_id)] == said
    [after] = apply_corrections([PushOffEvent(9, 0.3, 0.4)], said, TIMES_S)
    assert (after.approach_by_hand, after.probability) == (True, 1.0)
    assert (after.toe_px, after.toe_by_hand) == ((10.5, 20.0), True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "approach"},
        {"kind": "toe"},
        {"kind": "foot", "foot": Foot.LEFT, "approach": True},
        {"kind": "add", "toe_px": (1.0, 2.0)},
        {"kind": "toe", "toe_px": (-1.0, 2.0)},
        {"kind": "toe", "toe_px": (float("nan"), 2.0)},
    ],
)
def test_fields_that_do_not_fit_are_refused(wrong: dict) -> None:
    """Each kind has its own, and a toe is in the picture."""
    with pytest.raises(BadInput) as refused:
        Correction(frame=9, **wrong)
    assert refused.value.code == "invalid_correction"
