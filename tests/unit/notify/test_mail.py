"""pushoff/notify/mail.py: mail handed to a real server."""

import socket

import pytest

from pushoff.errors import BadInput, NotificationFailed, NotificationRefused, SettingWrong
from pushoff.notify.mail import MailServer, check_address, parse_mail_server, send_mail
from pushoff.notify.message import Kind, compose
from tests.unit.notify.mail_server import mail_server

MESSAGE = compose(Kind.SESSION_READY, "0123456789abcdef", "key", "https://coach.example.org")
SENDER = "pushoff@example.org"
CARLA = "carla@example.org"


def test_a_mail_holds_the_sentence_and_the_link():
    """Nothing else, to one address."""
    with mail_server() as box:
        send_mail(parse_mail_server(box.url, SENDER), CARLA, MESSAGE)
    ((to, mail),) = box.mails
    assert (to, mail["From"], mail["To"]) == (CARLA, SENDER, CARLA)
    assert mail["Subject"] == "pushoff: Your video is ready"
    lines = mail.get_payload().split()
    assert " ".join(lines) == f"{MESSAGE.sentence} {MESSAGE.link}"


def test_two_attempts_have_one_message_id():
    """So that a second copy is recognised; another receiver's differs."""
    with mail_server() as box:
        server = parse_mail_server(box.url, SENDER)
        for address in (CARLA, CARLA, "otto@example.org"):
            send_mail(server, address, MESSAGE)
    first, second, other = (mail["Message-ID"] for _, mail in box.mails)
    assert first == second != other


@pytest.mark.parametrize(
    ("answers", "error", "code"),
    [
        ({CARLA: "550 no such user"}, NotificationRefused, "mail_refused"),
        ({CARLA: "450 mailbox busy"}, NotificationFailed, "mail_deferred"),
        ({"MAIL": "421 too many"}, NotificationFailed, "mail_deferred"),
        ({"DATA": "554 spam"}, NotificationRefused, "mail_refused"),
    ],
)
def test_an_answer_says_whether_another_attempt_helps(answers, error, code):
    """4xx for now, 5xx for good; the error names no address."""
    with mail_server() as box:
        box.answers = answers
        with pytest.raises(error) as raised:
            send_mail(parse_mail_server(box.url, SENDER), CARLA, MESSAGE)
    assert raised.value.code == code
    assert "carla" not in str(raised.value)
    assert box.mails == []


def test_a_server_that_is_away_may_come_back():
    """NotificationFailed, so the job is tried again."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(NotificationFailed) as raised:
        send_mail(parse_mail_server(f"smtp://127.0.0.1:{port}", SENDER), CARLA, MESSAGE)
    assert raised.value.code == "mail_unreachable"


@pytest.mark.parametrize("url", ["smtp://localhost.:25", "smtp://10.0.0.1"])
def test_another_machine_needs_tls(url):
    """`smtp` on this machine only is plain; elsewhere STARTTLS is required before anything."""
    from pushoff.notify.mail import _is_loopback

    assert not _is_loopback(parse_mail_server(url, SENDER).host)
    assert all(map(_is_loopback, ("127.0.0.1", "::1", "localhost")))


def test_the_url_names_server_and_account():
    """With the usual ports, and percent signs in the password."""
    assert parse_mail_server("smtps://u%40x:p%2Fw@mail.example.org", SENDER) == MailServer(
        "mail.example.org", 465, True, SENDER, "u@x", "p/w"
    )
    assert parse_mail_server("smtp://mail.example.org", SENDER).port == 587
    assert "p/w" not in repr(parse_mail_server("smtps://u:p%2Fw@mail.example.org", SENDER))


@pytest.mark.parametrize(
    ("url", "sender", "code"),
    [
        ("mail.example.org", SENDER, "invalid_smtp_url"),
        ("http://mail.example.org", SENDER, "invalid_smtp_url"),
        ("smtp://", SENDER, "invalid_smtp_url"),
        ("smtp://host:port", SENDER, "invalid_smtp_url"),
        ("smtp://host/path", SENDER, "invalid_smtp_url"),
        ("smtp://host", "", "invalid_mail_from"),
        ("smtp://host", "a@b.c\nBcc: x@y.z", "invalid_mail_from"),
    ],
)
def test_a_wrong_setting_is_named(url, sender, code):
    """And not repeated: it may hold a password."""
    with pytest.raises(SettingWrong) as refused:
        parse_mail_server(url, sender)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a@b",
        "a@b.c, d@e.f",
        "Ada <a@b.c>",
        "a@b.c\r\nBcc: d@e.f",
        "a b@c.d",
        f"a@{'b' * 300}.c",
    ],
)
def test_only_one_plain_address_is_an_address(text):
    """No list, no name, no header."""
    with pytest.raises(BadInput) as refused:
        check_address(text)
    assert refused.value.code == "invalid_address"
    assert check_address(f" {CARLA} ") == CARLA
