"""Requests a notification, if any is wanted. What happened counts without it."""

import hashlib
import logging

from pushoff.errors import PushoffError
from pushoff.notify.message import Kind
from pushoff.queue import job_ids
from pushoff.services import Services
from pushoff.util.canonical_json import canonical_json

log = logging.getLogger(__name__)


def request_notification(services: Services, kind: Kind, subject: str, *of: str | None) -> None:
    """Request the job that tells of it, once for the same `kind`, `subject` and `of`.

    A second request does nothing while the first one's job is known, waiting or done.

    `subject` is a session's id, a date or a version; `of` tells two events of it apart. Raises
    nothing: a queue that does not answer is logged.
    """
    if not services.settings.notifies:
        return
    digest = hashlib.sha256(canonical_json([kind.value, subject, *of])).hexdigest()[:24]
    key = f"{kind.value}-{digest}"
    try:
        if services.queue.jobs.status(job_ids.notify(key)).state == "unknown":
            services.queue.request.notify(kind.value, subject, key)
    except PushoffError as error:
        log.warning("notification %s is not requested: %s", kind.value, error)
