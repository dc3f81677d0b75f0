"""How far a reading is, in numbers a coach can use."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from backend.coach.sessions.progress import EtaEstimator, progress_event
from backend.coach.sessions.status import STAGES, SessionStatus, session_status
from pushoff.coach.sessions import CoachSession, SessionDetails, State
from pushoff.errors import QueueUnavailable
from pushoff.queue import JobQueue, JobStatus
from pushoff.values import Exercise
from tests.queue_jobs import queue


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
def test_time_left_is_what_is_left_at_the_same_pace(done: int, more: int, seconds: float) -> None:
    """Half of the frames in ten seconds means ten seconds more, never less than none."""
    pace, total = EtaEstimator(), done + more
    assert pace.left_s(100.0, SessionStatus(session(), "decoding", 0, total)) is None
    left = pace.left_s(100.0 + seconds, SessionStatus(session(), "decoding", done, total))
    assert left is not None
    assert abs(left - more * seconds / done) <= 0.5 + 1e-6 * more * seconds


def test_a_new_stage_begins_anew() -> None:
    """The pace of one stage says nothing of the next, so no time is told at its start."""
    pace = EtaEstimator()
    pace.left_s(0.0, SessionStatus(session(), "decoding", 0, 100))
    pace.left_s(10.0, SessionStatus(session(), "decoding", 50, 100))
    assert pace.left_s(11.0, SessionStatus(session(), "reading frames", 1, 100)) is None


def test_an_event_counts_the_stages() -> None:
    """A stage is told by its name and place among all stages."""
    said = progress_event(SessionStatus(session(), "reading frames", 30, 60), 4)
    assert said["stage_name"] == STAGES["reading frames"]
    assert 1 < said["stage"] < said["stages"] == len(STAGES)
    assert (said["frame"], said["frames"], said["left_s"]) == (30, 60, 4)


class Told(JobQueue):
    """A queue in which every job stands the same way."""

    def __init__(self, answer: JobStatus | QueueUnavailable) -> None:
        self._answer = answer

    def status(self, job_id: str) -> JobStatus:
        if isinstance(self._answer, QueueUnavailable):
            raise self._answer
        return self._answer


def test_a_session_whose_job_died_counts_as_failed() -> None:
    """A coach is not left waiting for a job that will never end, and hears why."""
    dead = JobStatus("failed", error="killed (signal 9), maybe out of memory")
    at = session_status(Told(dead), session())
    assert at.session.state is State.FAILED
    assert "out of memory" in str(at.session.reason)
    assert "Try again" in str(at.session.reason)


def test_a_silent_queue_changes_nothing() -> None:
    """While Redis does not answer a session is what the database says."""
    at = session_status(Told(QueueUnavailable("down")), session())
    assert at == SessionStatus(session())


def test_a_job_nobody_knows_is_told(redis_url: str) -> None:
    """A session whose job a real queue lost can be tried again; a coach hears of no job's name."""
    at = session_status(queue(redis_url), session(State.WAITING))
    assert at.session.state is State.FAILED
    assert at.session.reason == "The reading was broken off. Try again."


def test_ready_sessions_ask_no_queue() -> None:
    """What is done is shown without Redis."""
    ready = session(State.READY)
    assert session_status(Told(JobStatus("failed")), ready).session == ready
