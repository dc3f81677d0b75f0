"""How far a session is, also when the job that reads it has died."""

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
"""What the reading job reports, in its order, and what the page calls it."""


@dataclass(frozen=True)
class SessionStatus:
    """What the page shows of a session that is not ready yet."""

    session: CoachSession
    stage: str | None = None
    """A key of STAGES."""
    done: int | None = None
    total: int | None = None
    """Frames of this stage."""


def session_status(queue: JobQueue, session: CoachSession) -> SessionStatus:
    """How it stands. A session whose job failed or is gone counts as failed, with the reason."""
    if session.state not in (State.WAITING, State.ANALYZING):
        return SessionStatus(session)
    try:
        job = queue.jobs.status(job_ids.analyze_session(session.session_id))
    except QueueUnavailable:
        return SessionStatus(session)
    if job.state in ("failed", "cancelled", "unknown"):
        why = f": {job.error}" if job.state == "failed" and job.error else ""
        reason = f"The reading was broken off{why}. Try again."
        return SessionStatus(
            replace(session, state=State.FAILED, reason=reason, reason_code="analysis_interrupted")
        )
    progress = job.progress
    if progress.stage not in STAGES:
        return SessionStatus(session)
    return SessionStatus(session, progress.stage, progress.done, progress.total)
