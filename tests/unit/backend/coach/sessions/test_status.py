"""The status of a session whose analysis is waiting, running or has failed."""

from dataclasses import asdict

from backend.coach.sessions.status import SessionStatus, session_status
from pushoff.coach.sessions import State
from pushoff.queue import JobFailure, JobQueue, job_ids
from tests.conftest import RedisServer
from tests.queue_jobs import open_queue
from tests.unit.backend.coach.sessions.test_progress import session


def test_a_session_whose_job_failed_counts_as_failed(queue: JobQueue) -> None:
    """The coach is told to try again; the cause is in the worker's log only."""
    job_id = queue.jobs.enqueue("greet", job_id=job_ids.analyze_session(session().session_id))
    job = queue.jobs.job_class.fetch(
        job_id, connection=queue.jobs.connection, serializer=queue.jobs.serializer
    )
    job.meta["failure"] = asdict(JobFailure("killed", "stopped by signal 9"))
    job.save_meta()
    job.set_status("failed")
    at = session_status(queue, session())
    assert at.session.state is State.FAILED
    assert at.session.reason_code == "analysis_interrupted"
    assert "signal 9" not in str(at.session.reason)
    assert "Try again" in str(at.session.reason)


def test_an_unavailable_queue_changes_nothing(own_redis: RedisServer) -> None:
    """The session is as in the database."""
    queue = open_queue(own_redis.url)
    own_redis.kill()
    assert session_status(queue, session()) == SessionStatus(session())


def test_a_session_whose_job_is_lost_counts_as_failed(queue: JobQueue) -> None:
    """It can be retried."""
    at = session_status(queue, session(State.WAITING))
    assert at.session.state is State.FAILED
    assert at.session.reason_code == "analysis_interrupted"


def test_ready_sessions_need_no_queue(own_redis: RedisServer) -> None:
    """Redis is not available here."""
    queue = open_queue(own_redis.url)
    own_redis.kill()
    ready = session(State.READY)
    assert session_status(queue, ready).session == ready


def test_a_waiting_session_says_how_many_come_before_it(queue: JobQueue) -> None:
    """Jobs of other coaches count, too."""
    queue.jobs.enqueue("greet", job_id="greet-1")
    queue.jobs.enqueue("greet", job_id=job_ids.analyze_session(session().session_id))
    assert session_status(queue, session(State.WAITING)).ahead == 1
