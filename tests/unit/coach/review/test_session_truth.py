"""What a checked session knows of its video, and what only the corrected stretches do."""

import numpy as np
import pytest

from pushoff.coach.corrections import Correction
from pushoff.coach.review.session_truth import checked_truth, touched_truth
from pushoff.coach.sessions import CoachSession
from pushoff.events.values import Direction, Foot
from tests.unit.coach.review.review_samples import PUSHES, analysis_of, view_of


@pytest.fixture
def session(add) -> CoachSession:
    return add(athlete="Ada", capture_fps=240.0)


def test_a_checked_session_is_a_whole_truth(session):
    """Events, feet and running steps of the report; toes that a person placed, and no others."""
    view = view_of(
        session,
        Correction("move", 120, to_frame=122),
        Correction("foot", 190, foot=Foot.LEFT),
        Correction("toe", 60, toe_px=(33.0, 301.0)),
        Correction("approach", 60, approach=True),
    )
    truth = checked_truth(session, view)
    assert truth.push_off_frames == (60, 122, 190)
    assert truth.approach == (True, False, False) and truth.feet[2] == "left"
    assert truth.toes_px == ((33.0, 301.0), None, None)
    assert (truth.complete_from, truth.complete_to, truth.unknown) == (0, 259, ())
    assert (truth.capture_fps, truth.athlete, truth.direction) == (240.0, "Ada", Direction.RIGHT)
    assert truth.slow_motion and truth.capture_known


def test_a_deleted_push_off_is_none_in_the_truth(session):
    """Nor is a possible one that nobody confirmed."""
    truth = checked_truth(session, view_of(session, Correction("delete", 120)))
    assert truth.push_off_frames == (60, 190) and truth.toes_px == ()


def test_without_a_check_only_touched_stretches_are_known(session):
    """50 ms around each correction; of the feet only what a person said."""
    view = view_of(
        session, Correction("move", 120, to_frame=120), Correction("foot", 190, foot=Foot.RIGHT)
    )
    truth = touched_truth(session, view)
    known = np.flatnonzero(truth.known_frames())
    assert truth.push_off_frames == (120, 190) and truth.feet == (None, "right")
    assert truth.approach == (None, None)
    assert all(min(abs(frame - at) for at in (120, 190)) <= 12 for frame in known)
    assert truth.knows(120) and truth.knows(190) and not truth.knows(60)


def test_without_corrections_nothing_is_known(session):
    """The model alone teaches nothing."""
    truth = touched_truth(session, view_of(session, analysis=analysis_of(PUSHES)))
    assert truth.push_off_frames == () and not truth.known_frames().any()
