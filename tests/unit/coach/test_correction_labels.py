"""pushoff/coach/correction_labels.py: from corrections to labelled frames."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.coach.correction_labels import correction_labels, mark_synced, moment, unsynced
from pushoff.coach.corrections import Correction, RecordedCorrection, record_correction, undo_last
from pushoff.events.analysis_result import TrackSummary, VideoAnalysis
from pushoff.events.spotting import FrameScores
from pushoff.events.values import Foot, PushOffEvent
from pushoff.values import Label, VideoInfo

COUNT = 480


def reading(fps: float = 240, events: tuple[int, ...] = (100, 300), known: bool = True):
    """Frames at `fps` with push-offs the model found in `events`."""
    times_s = np.arange(COUNT) / fps
    curve = np.full(COUNT, 0.5)
    curves = FrameScores(times_s, curve, curve, curve, curve, np.ones(COUNT, bool))
    rate = Fraction(fps)
    return VideoAnalysis(
        info=VideoInfo(320, 180, rate, rate, COUNT / fps, 0, COUNT, "h264"),
        capture_known=known,
        followed=TrackSummary("one athlete", "fixed", "right", ()),
        boxes_px=np.tile(np.array([10, 10, 40, 80], np.int32), (COUNT, 1)),
        curves=curves,
        events=tuple(PushOffEvent(one, one / fps, 0.9) for one in events),
        model_version="spotter-v1",
        model_score=None,
        warnings=(),
    )


def noted(*corrections: Correction) -> list[RecordedCorrection]:
    return [
        RecordedCorrection(n, one, f"person-{n}", f"2026-11-2{n}")
        for n, one in enumerate(corrections)
    ]


def labels(read, *corrections):
    return {one.frame: one.label for one in correction_labels(read, noted(*corrections))}


def test_nothing_corrected_teaches_nothing():
    """What only the model says is no lesson."""
    assert correction_labels(reading(), []) == []


def test_an_added_push_off_teaches_its_contact_and_its_flight():
    """Its last 12.5 ms are push_off, the frames nobody can tell are left out, the rest are not."""
    found = labels(reading(), Correction("add", 200))
    assert [f for f, one in found.items() if one is Label.PUSH_OFF] == [197, 198, 199, 200]
    assert not {192, 196, 201, 202} & found.keys()
    assert {188, 191, 203, 212} <= found.keys()
    assert all(188 <= frame <= 212 for frame in found)


def test_a_deleted_push_off_teaches_that_there_was_none():
    """Every frame around it is not_push_off."""
    found = labels(reading(), Correction("delete", 100))
    assert set(found) == set(range(88, 113))
    assert set(found.values()) == {Label.NOT_PUSH_OFF}


def test_a_moved_push_off_teaches_both_places():
    """Where it stands now is push_off, where it stood is not."""
    found = labels(reading(), Correction("move", 100, 130))
    assert found[130] is Label.PUSH_OFF
    assert found[100] is Label.NOT_PUSH_OFF


def test_a_push_off_whose_foot_was_said_is_confirmed():
    """Who names the foot has seen the push-off; others stay untaught."""
    found = labels(reading(), Correction("foot", 100, foot=Foot.LEFT))
    assert found[100] is Label.PUSH_OFF
    assert 300 not in found


def test_what_only_the_model_says_beside_a_correction_is_not_taught():
    """A frame is left out when its label hangs on a push-off nobody confirmed."""
    found = labels(reading(events=(100, 110)), Correction("add", 90))
    assert found[90] is Label.PUSH_OFF
    assert not set(range(102, 111)) & found.keys()


def test_the_latest_word_names_its_author():
    """Who corrected it last, and when, goes with the frame."""
    [last] = [
        one
        for one in correction_labels(
            reading(), noted(Correction("add", 200), Correction("delete", 200))
        )
        if one.frame == 200
    ]
    assert (last.by, last.at, last.label) == ("person-1", "2026-11-21", Label.NOT_PUSH_OFF)


def test_frames_far_apart_still_teach_a_neighbour_each_side():
    """At 30/s the frame before and the frame after are contact or flight already."""
    found = labels(reading(fps=30), Correction("add", 200))
    assert found == {
        198: Label.NOT_PUSH_OFF, 199: Label.NOT_PUSH_OFF, 200: Label.PUSH_OFF,
        201: Label.NOT_PUSH_OFF, 202: Label.NOT_PUSH_OFF,
    }  # fmt: skip


def test_slow_motion_of_unknown_rate_teaches_the_very_frame_only():
    """Nobody knows how long the next frame is after it."""
    slow = reading(fps=30, events=(50, 150, 250), known=False)
    assert labels(slow, Correction("add", 350)) == {350: Label.PUSH_OFF}


def test_where_the_athlete_is_not_seen_nothing_is_taught():
    """A crop of an empty lane shows no push-off."""
    read = reading()
    hidden = np.ones(COUNT, bool)
    hidden[195:] = False
    read = replace(read, curves=replace(read.curves, athlete=hidden))
    assert max(labels(read, Correction("add", 200))) == 191  # 192 to 196 nobody can tell


CORRECTIONS = st.one_of(
    st.builds(Correction, st.sampled_from(["add", "delete"]), st.integers(0, COUNT - 1)),
    st.builds(Correction, st.just("move"), st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)),
)


@given(st.lists(CORRECTIONS, max_size=6))
def test_lessons_never_contradict_and_never_leave_the_video(corrections):
    """One label per frame, in order, inside the video, each said by somebody."""
    found = correction_labels(reading(), noted(*corrections))
    frames = [one.frame for one in found]
    assert frames == sorted(set(frames))
    assert all(0 <= one.frame < COUNT and one.by for one in found)
    standing = {c.to_frame if c.kind == "move" else c.frame for c in corrections}
    assert {one.frame for one in found if one.label is Label.PUSH_OFF} <= {
        near for place in standing for near in range(place - 3, place + 1)
    }


def test_what_is_untaught_is_found_until_it_is_taught(database, people, add):
    """A correction and its undoing are each to be taught once."""
    session, other = add(), add()
    assert unsynced(database) == []
    record_correction(database, session.session_id, people["carla"], Correction("add", 5))
    assert unsynced(database) == [session.session_id]
    mark_synced(database, session.session_id, "2999-01-01")
    assert unsynced(database) == []
    mark_synced(database, session.session_id, moment())
    undo_last(database, session.session_id, people["carla"])
    assert unsynced(database) == [session.session_id]
    assert other.session_id not in unsynced(database)


@pytest.mark.parametrize("place", [0, COUNT - 1])
def test_the_ends_of_the_video_teach_what_there_is(place):
    """A push-off in the first or last frame is taught like any other."""
    assert labels(reading(), Correction("add", place))[place] is Label.PUSH_OFF
