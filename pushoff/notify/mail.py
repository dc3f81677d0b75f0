"""Mail over SMTP with TLS. Nothing of an address or of a password is logged or in an error."""

import hashlib
import ipaddress
import re
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from pushoff.errors import BadInput, NotificationFailed, NotificationRefused, SettingWrong
from pushoff.notify.message import Message
from pushoff.util.canonical_json import canonical_json

TIMEOUT_S = 20.0
"""Longest wait for each answer of the server."""
MAX_ADDRESS_LENGTH = 254
_PORTS = {"smtps": 465, "smtp": 587}
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+")
"""That of HTML's input of type email, with a dot in the domain; no quotes, names or lists."""


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in."""

    host: str
    port: int
    tls_at_once: bool
    """`smtps`. Otherwise STARTTLS is required, unless the host is this machine."""
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)


def parse_mail_server(url: str, sender: str) -> MailServer:
    """The server of PUSHOFF_SMTP_URL and PUSHOFF_MAIL_FROM. Raises SettingWrong."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise SettingWrong(
            "PUSHOFF_SMTP_URL is not a mail server: write smtps://user:password@host or "
            "smtp://host:587.",
            code="invalid_smtp_url",
        )
    if not _ADDRESS.fullmatch(sender):
        raise SettingWrong("PUSHOFF_MAIL_FROM is not a mail address.", code="invalid_mail_from")
    return MailServer(
        parts.hostname,
        port or _PORTS[parts.scheme],
        parts.scheme == "smtps",
        sender,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def check_address(text: str) -> str:
    """The address, stripped. Raises BadInput for anything but one plain address."""
    address = text.strip()
    if len(address) > MAX_ADDRESS_LENGTH or not _ADDRESS.fullmatch(address):
        raise BadInput("This is not a mail address.", code="invalid_address")
    return address


def send_mail(server: MailServer, address: str, message: Message) -> None:
    """Hand in one mail.

    Every attempt has the same Message-ID, by which mail programs recognise a second copy. Raises
    NotificationFailed where another attempt may help, and NotificationRefused where it will not.
    """
    mail = EmailMessage()
    mail["From"], mail["To"] = server.sender, address
    mail["Subject"] = f"pushoff: {message.title}"
    mail["Auto-Submitted"] = "auto-generated"
    digest = hashlib.sha256(canonical_json([message.key, address])).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@{server.sender.rpartition('@')[2]}>"
    mail.set_content(f"{message.sentence}\n\n{message.link}\n")
    try:
        _hand_in(server, mail)
    except smtplib.SMTPRecipientsRefused as error:
        raise _answer(next(iter(error.recipients.values()))[0]) from None
    except smtplib.SMTPResponseException as error:
        raise _answer(error.smtp_code) from None
    except smtplib.SMTPNotSupportedError:
        raise NotificationRefused(
            "The mail server does not offer STARTTLS.",
            code="no_tls",
            remedy="Use smtps:// in PUSHOFF_SMTP_URL, or another server.",
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotificationFailed(
            f"The mail server does not answer ({type(error).__name__}).", code="mail_unreachable"
        ) from None


def _hand_in(server: MailServer, mail: EmailMessage) -> None:
    context = ssl.create_default_context()
    if server.tls_at_once:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=TIMEOUT_S, context=context
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    with connection:
        if not server.tls_at_once and not _is_loopback(server.host):
            connection.starttls(context=context)
        if server.user:
            connection.login(server.user, server.password)
        connection.send_message(mail)


def _answer(code: int) -> NotificationFailed | NotificationRefused:
    """RFC 5321: 4xx is for now, 5xx for good."""
    text = f"The mail server answered {code}."
    if 400 <= code < 500:
        return NotificationFailed(text, code="mail_deferred")
    return NotificationRefused(text, code="mail_refused")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
