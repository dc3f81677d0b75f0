"""Requests that sessions are analysed again: the champion is another one now."""

import logging

from pushoff.errors import QueueUnavailable, SettingWrong
from pushoff.services import Services

log = logging.getLogger(__name__)


def request_analyses(services: Services) -> None:
    """Request the job that analyses sessions of an earlier version again, one after the other.

    Without a queue this is only logged: the nightly job requests it then.
    """
    try:
        services.queue.request.refresh_analyses()
    except (QueueUnavailable, SettingWrong) as error:
        log.info("sessions are analysed again at night: %s", error)
