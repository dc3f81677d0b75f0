"""What a newer version sees differently, and that each can be taken over."""

from dataclasses import replace

import pytest

from pushoff.coach.corrections import Correction, apply_corrections
from pushoff.coach.review.differences import differences
from pushoff.coach.session_report import report_of
from pushoff.coach.sessions import CoachSession
from pushoff.events.values import Foot
from tests.unit.coach.review.review_samples import LLR, PUSHES, analysis_of, view_of


@pytest.fixture
def session(add) -> CoachSession:
    return add(capture_fps=240.0)


def seen_by(session: CoachSession, view, pushes=PUSHES, feet=LLR):
    """The view with what a newer version finds."""
    return replace(view, newer=report_of(session, analysis_of(pushes, feet)))


def test_no_newer_version_no_differences(session):
    """Nor where it sees the same within 12.5 ms."""
    view = view_of(session)
    assert differences(view) == ()
    assert differences(seen_by(session, view, (61, 118, 192))) == ()


def test_every_kind_of_difference(session):
    """One more, one less, another frame: in order of frame, as corrections."""
    view = seen_by(session, view_of(session), (30, 66, 190), (0.9, 0.97, 0.03))
    found = differences(view)
    assert [one.correction for one in found] == [
        Correction("add", 30, foot=Foot.LEFT),
        Correction("move", 60, to_frame=66),
        Correction("delete", 120),
    ]
    assert [one.frame for one in found] == [30, 66, 120]


def test_feet_and_running_steps_differ_too(session):
    """A correction of the coach's stands, and what the newer version says instead is shown."""
    view = view_of(
        session,
        Correction("foot", 190, foot=Foot.LEFT),
        Correction("approach", 60, approach=True),
    )
    found = differences(seen_by(session, view))
    assert Correction("foot", 190, foot=Foot.RIGHT) in [one.correction for one in found]
    assert Correction("approach", 60, approach=False) in [one.correction for one in found]
    assert view.report.sequence.feet[2] is Foot.LEFT


def test_what_was_taken_over_is_no_difference_any_more(session):
    """One by one, until both see the same."""
    corrections: list[Correction] = []
    for _ in range(10):
        view = seen_by(session, view_of(session, *corrections), (30, 66, 190), (0.9, 0.97, 0.97))
        found = differences(view)
        if not found:
            break
        corrections.append(found[0].correction)
    assert 3 <= len(corrections) < 10
    events = apply_corrections(analysis_of().events, corrections, analysis_of().scores.times_s)
    assert [event.frame for event in events] == [30, 66, 190]


def test_a_possible_push_off_is_confirmed_by_the_newer_version(session):
    """Below 50 % before, counted now."""
    analysis = analysis_of()
    doubtful = tuple(
        replace(event, probability=0.3) if event.frame == 120 else event
        for event in analysis.events
    )
    view = view_of(session, analysis=replace(analysis, events=doubtful))
    assert [one.correction for one in differences(seen_by(session, view))] == [
        Correction("move", 120, to_frame=120)
    ]
    assert differences(seen_by(session, view, (60, 190), (0.97, 0.03))) == ()
