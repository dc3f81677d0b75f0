"""The status of a session, also when the job that analyses it has failed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pushoff.coach.sessions import CoachSession, State
from pushoff.errors import QueueUnavailable
from pushoff.queue import JobQueue, job_ids

STAGES = {
    "checking": "Checking the file",
    "decoding": "Decoding",
    "finding the athlete": "Finding the athlete",
    "extracting features": "Extracting features",
    "finding push-offs": "Finding push-offs",
    "making the preview": "Making the preview",
}
"""The stages that the analysis job reports, in order, and their names on the page."""


@dataclass(frozen=True)
class SessionStatus:
    """A session that may not be ready yet, with the progress of its analysis."""

    session: CoachSession
    stage: str | None = None
    """A key of STAGES."""
    done: int | None = None
    total: int | None = None
    """Frames of the stage."""
    ahead: int | None = None
    """Jobs before its own, while that waits."""


def session_status(queue: JobQueue, session: CoachSession) -> SessionStatus:
    """The session with its progress. It counts as failed if its job failed or does not exist."""
    if session.state not in (State.WAITING, State.ANALYZING):
        return SessionStatus(session)
    try:
        job = queue.jobs.status(job_ids.analyze_session(session.session_id))
    except QueueUnavailable:
        return SessionStatus(session)
    if job.state in ("failed", "cancelled", "unknown"):
        reason = "The analysis stopped unexpectedly. Try again."  # the worker's log has the cause
        return SessionStatus(
            replace(session, state=State.FAILED, reason=reason, reason_code="analysis_interrupted")
        )
    if job.state == "queued":
        return SessionStatus(session, ahead=_ahead(queue, session))
    progress = job.progress
    if progress.stage not in STAGES:
        return SessionStatus(session)
    return SessionStatus(session, progress.stage, progress.done, progress.total)


def _ahead(queue: JobQueue, session: CoachSession) -> int | None:
    try:
        return queue.jobs.ahead(job_ids.analyze_session(session.session_id))
    except QueueUnavailable:
        return None


def session_statuses(
    queue: Callable[[], JobQueue], sessions: Sequence[CoachSession]
) -> list[SessionStatus]:
    """The status of each session; from the database alone if the job queue is not available."""
    try:
        opened = queue()
    except QueueUnavailable:
        return [SessionStatus(session) for session in sessions]
    return [session_status(opened, session) for session in sessions]
