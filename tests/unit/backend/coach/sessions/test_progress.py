"""backend/coach/sessions/progress.py: progress of an analysis."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from backend.coach.sessions.progress import EtaEstimator, progress_event
from backend.coach.sessions.status import STAGES, SessionStatus
from pushoff.coach.sessions import CoachSession, SessionDetails, State
from pushoff.values import Exercise


def session(state: State = State.ANALYZING) -> CoachSession:
    details = SessionDetails("A", Exercise.HOPS, date(2026, 11, 20), 240.0, "a.mp4", 1)
    nothing = dict.fromkeys(
        (
            "reason",
            "reason_code",
            "video_id",
            "model_version",
            "headline",
            "push_offs",
            "calibration",
        )
    )
    moment = "2026-11-20T10:00:00.000Z"
    return CoachSession("0" * 16, "1" * 16, details, moment, moment, state, **nothing)


@given(st.integers(1, 500), st.integers(1, 5000), st.floats(2, 600))
def test_time_left_is_extrapolated(done: int, more: int, seconds: float) -> None:
    """Half of the frames in ten seconds: ten seconds left, never less than none."""
    pace, total = EtaEstimator(), done + more
    assert pace.left_s(100.0, SessionStatus(session(), "decoding", 0, total)) is None
    left = pace.left_s(100.0 + seconds, SessionStatus(session(), "decoding", done, total))
    assert left is not None
    assert abs(left - more * seconds / done) <= 0.5 + 1e-6 * more * seconds


def test_a_new_stage_has_no_estimate_at_first() -> None:
    """Its frame rate is unknown."""
    pace = EtaEstimator()
    pace.left_s(0.0, SessionStatus(session(), "decoding", 0, 100))
    pace.left_s(10.0, SessionStatus(session(), "decoding", 50, 100))
    assert pace.left_s(11.0, SessionStatus(session(), "extracting features", 1, 100)) is None


def test_an_event_counts_the_stages() -> None:
    """Name and number of the stage."""
    said = progress_event(SessionStatus(session(), "extracting features", 30, 60), 4)
    assert said["stage_name"] == STAGES["extracting features"]
    assert 1 < said["stage"] < said["stages"] == len(STAGES)
    assert (said["frame"], said["frames"], said["left_s"]) == (30, 60, 4)
