"""Tell people what happened, by mail and to the webhook. Off unless a setting names one."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial

from pushoff.coach.notifications import admin_addresses, mark_sent, owner_addresses, was_sent
from pushoff.errors import NotificationFailed, NotificationRefused
from pushoff.notify.mail import parse_mail_server, send_mail
from pushoff.notify.message import Kind, Message, compose
from pushoff.notify.webhook import post_message
from pushoff.services import Services
from pushoff.workflows.results import NotificationResult

log = logging.getLogger(__name__)


def notify(services: Services, kind: str, subject: str, key: str) -> NotificationResult:
    """Send one notification to everybody who wants it and did not get it yet.

    Safe to run twice: what was sent is stored for each receiver. A receiver that fails does not
    stop the others. A run that is killed between a sending and its record sends that one again,
    with the same id. Raises NotificationFailed, after which the job is tried again, SettingWrong
    and NotificationRefused.
    """
    settings = services.settings
    message = compose(Kind(kind), subject, key, settings.public_url or settings.backend_url)
    sent = already_sent = 0
    failures: list[NotificationFailed | NotificationRefused] = []
    for channel, receiver, send in _deliveries(services, message):
        if was_sent(services.database, key, receiver):
            already_sent += 1
            continue
        try:
            send()
        except (NotificationFailed, NotificationRefused) as error:
            log.warning("notification %s by %s: %s", kind, channel, error)
            failures.append(error)
            continue
        mark_sent(services.database, key, receiver)
        sent += 1
    log.info("notification %s: %d sent, %d failed", kind, sent, len(failures))
    if failures:
        raise next((f for f in failures if isinstance(f, NotificationFailed)), failures[0])
    return NotificationResult(kind, sent, already_sent)


def _deliveries(
    services: Services, message: Message
) -> Iterator[tuple[str, str, Callable[[], None]]]:
    """(`mail` or `webhook`, receiver, what sends it)."""
    settings = services.settings
    if url := settings.notify_url:
        secret = settings.secret("notify_secret")
        yield "webhook", url, partial(post_message, url, secret, message, time.time())
    if smtp_url := settings.smtp_url.get_secret_value():
        server = parse_mail_server(smtp_url, settings.mail_from)
        for address in _addresses(services, message):
            yield "mail", address, partial(send_mail, server, address, message)


def _addresses(services: Services, message: Message) -> list[str]:
    if message.kind in (Kind.SESSION_READY, Kind.SESSION_FAILED):
        return owner_addresses(services.database, message.link.rpartition("/")[2])
    return admin_addresses(services.database)
