"""What people corrected goes on to Label Studio, as a job of the worker."""

import logging

from backend.state import AppState
from pushoff.errors import QueueUnavailable

log = logging.getLogger(__name__)


def after_correction(state: AppState, session_id: str) -> None:
    """Have the session's push-offs, as they stand now, become labelled tasks.

    One job for each session: while it runs it follows a coach who goes on correcting. Where no
    Label Studio is connected nothing happens. The correction itself is kept already, so a queue
    that is away is only logged: the next correction, or the nightly job, asks for all of them.
    """
    if not state.settings.label_studio_connected:
        return
    try:
        state.queue().request.sync_corrections(session_id)
    except QueueUnavailable as error:
        log.warning("session %s was corrected, Label Studio is told later: %s", session_id, error)
