"""pushoff/coach/correction_labels.py: corrections become frame labels."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.coach.correction_labels import correction_labels, mark_synced, moment, unsynced
from pushoff.coach.corrections import Correction, RecordedCorrection, record_correction, undo_last
from pushoff.events.analysis_result import VideoAnalysis
from pushoff.events.spotting import FrameScores
from pushoff.events.values import Foot, PushOffEvent, TrackSummary
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
        track=TrackSummary("one athlete", "fixed", "right", ()),
        boxes_px=np.tile(np.array([10, 10, 40, 80], np.int32), (COUNT, 1)),
        scores=curves,
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


def test_no_corrections_give_no_labels():
    """The model's own push-offs give none."""
    assert correction_labels(reading(), []) == []


def test_an_added_push_off_labels_contact_and_flight():
    """Its last 12.5 ms are push_off, ambiguous frames are left out, the others are not_push_off."""
    found = labels(reading(), Correction("add", 200))
    assert [f for f, one in found.items() if one is Label.PUSH_OFF] == [197, 198, 199, 200]
    assert not {192, 196, 201, 202} & found.keys()
    assert {188, 191, 203, 212} <= found.keys()
    assert all(188 <= frame <= 212 for frame in found)


def test_a_deleted_push_off_labels_not_push_off():
    """Every frame around it."""
    found = labels(reading(), Correction("delete", 100))
    assert set(found) == set(range(88, 113))
    assert set(found.values()) == {Label.NOT_PUSH_OFF}


def test_a_moved_push_off_labels_both_frames():
    """The new frame is push_off, the old one is not."""
    found = labels(reading(), Correction("move", 100, 130))
    assert found[130] is Label.PUSH_OFF
    assert found[100] is Label.NOT_PUSH_OFF


def test_a_corrected_foot_confirms_the_push_off():
    """Push-offs without a correction give no labels."""
    found = labels(reading(), Correction("foot", 100, foot=Foot.LEFT))
    assert found[100] is Label.PUSH_OFF
    assert 300 not in found


def test_unconfirmed_push_offs_nearby_give_no_labels():
    """A frame is left out when its label depends on a push-off nobody confirmed."""
    found = labels(reading(events=(100, 110)), Correction("add", 90))
    assert found[90] is Label.PUSH_OFF
    assert not set(range(102, 111)) & found.keys()


def test_the_latest_correction_names_the_author():
    """With its time."""
    [last] = [
        one
        for one in correction_labels(
            reading(), noted(Correction("add", 200), Correction("delete", 200))
        )
        if one.frame == 200
    ]
    assert (last.by, last.at, last.label) == ("person-1", "2026-11-21", Label.NOT_PUSH_OFF)


def test_the_next_frames_are_labelled_at_low_rates():
    """At 30/s the frame before is contact and the frame after is flight."""
    found = labels(reading(fps=30), Correction("add", 200))
    assert found == {
        198: Label.NOT_PUSH_OFF, 199: Label.NOT_PUSH_OFF, 200: Label.PUSH_OFF,
        201: Label.NOT_PUSH_OFF, 202: Label.NOT_PUSH_OFF,
    }  # fmt: skip


def test_an_unknown_rate_labels_the_corrected_frame_only():
    """The time to the next frame is unknown."""
    slow = reading(fps=30, events=(50, 150, 250), known=False)
    assert labels(slow, Correction("add", 350)) == {350: Label.PUSH_OFF}


def test_frames_without_the_athlete_give_no_labels():
    """A crop of an empty lane shows no push-off."""
    read = reading()
    hidden = np.ones(COUNT, bool)
    hidden[195:] = False
    read = replace(read, scores=replace(read.scores, athlete=hidden))
    assert max(labels(read, Correction("add", 200))) == 191  # 192 to 196 nobody can tell


CORRECTIONS = st.one_of(
    st.builds(Correction, st.sampled_from(["add", "delete"]), st.integers(0, COUNT - 1)),
    st.builds(Correction, st.just("move"), st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)),
)


@given(st.lists(CORRECTIONS, max_size=6))
def test_labels_are_unique_and_inside_the_video(corrections):
    """One label per frame, in order, each with an author."""
    found = correction_labels(reading(), noted(*corrections))
    frames = [one.frame for one in found]
    assert frames == sorted(set(frames))
    assert all(0 <= one.frame < COUNT and one.by for one in found)
    standing = {c.to_frame if c.kind == "move" else c.frame for c in corrections}
    assert {one.frame for one in found if one.label is Label.PUSH_OFF} <= {
        near for place in standing for near in range(place - 3, place + 1)
    }


def test_unsynced_lists_sessions_until_they_are_synced(database, people, add):
    """A correction and its undoing are each due once."""
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
def test_the_first_and_last_frames_can_be_labelled(place):
    """Fewer neighbours are labelled there."""
    assert labels(reading(), Correction("add", place))[place] is Label.PUSH_OFF
