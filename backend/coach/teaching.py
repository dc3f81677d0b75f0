"""What people corrected goes on to Label Studio, as a job of the worker."""

import logging

from backend.parts import Parts
from pushoff.errors import QueueUnavailable
from pushoff.queue import JOBS

log = logging.getLogger(__name__)
JOB = "teach"


def after_correction(parts: Parts, session_id: str) -> None:
    """Have the session's push-offs, as they stand now, become labelled tasks.

    Where nothing is connected nothing happens. The correction itself is kept already, so a queue
    that is away is only logged: the next correction asks for all of them again.
    """
    if JOB not in JOBS or not parts.settings.label_studio_token.get_secret_value():
        return
    try:
        _ask(parts, session_id)
    except QueueUnavailable as error:
        log.warning("session %s was corrected, Label Studio is told later: %s", session_id, error)


def _ask(parts: Parts, session_id: str) -> None:
    """One job that waits is enough; one that runs may have begun before this correction."""
    queue = parts.queue()
    for job_id in (f"{JOB}-{session_id}", f"{JOB}-{session_id}-again"):
        if queue.status(job_id).state != "running":
            queue.enqueue(JOB, job_id=job_id, session_id=session_id)
            return
    queue.enqueue(JOB, session_id=session_id)
