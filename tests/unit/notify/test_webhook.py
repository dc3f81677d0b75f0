"""pushoff/notify/webhook.py: a signed POST to a real server."""

import base64
import hashlib
import hmac
import json

import pytest

from pushoff.errors import NotificationFailed, NotificationRefused, SettingWrong
from pushoff.notify.message import Kind, compose
from pushoff.notify.webhook import check_url, post_message, signature
from tests.unit.studio.serving import Answer, serve

MESSAGE = compose(Kind.MODEL_PROMOTED, "v12", "model_promoted-1", "https://coach.example.org")
SECRET = "a secret of the webhook"
NOW_S = 1764489600.7


def test_a_message_is_signed():
    """Receivers check id, time and body as Standard Webhooks says."""
    with serve(lambda seen: Answer(status=204)) as server:
        post_message(f"{server.url}/hook?a=b", SECRET, MESSAGE, NOW_S)
    (seen,) = server.seen
    headers = {name.lower(): value for name, value in seen.headers.items()}
    assert (seen.method, seen.path) == ("POST", "/hook?a=b")
    assert headers["webhook-id"] == MESSAGE.key
    signed = f"{MESSAGE.key}.{int(NOW_S)}.".encode() + seen.body
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert headers["webhook-timestamp"] == str(int(NOW_S))
    assert json.loads(seen.body) == {
        "type": "model_promoted",
        "text": f"{MESSAGE.sentence} {MESSAGE.link}",
        "link": MESSAGE.link,
    }


def test_the_signature_depends_on_everything():
    """Another secret, id, time or body has another one."""
    first = signature("s", "i", 1, b"b")
    others = [("t", "i", 1, b"b"), ("s", "j", 1, b"b"), ("s", "i", 2, b"b"), ("s", "i", 1, b"c")]
    assert first == signature("s", "i", 1, b"b")
    assert first not in {signature(*other) for other in others}


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (500, NotificationFailed),
        (503, NotificationFailed),
        (429, NotificationFailed),
        (400, NotificationRefused),
        (404, NotificationRefused),
        (302, NotificationRefused),
    ],
)
def test_an_answer_says_whether_another_attempt_helps(status, error):
    """Server errors for now, client errors for good."""
    with serve(lambda seen: Answer(status=status)) as server, pytest.raises(error):
        post_message(server.url, SECRET, MESSAGE, NOW_S)
    assert len(server.seen) == 1


def test_a_redirect_is_not_followed():
    """The one origin that the setting names is contacted, and no other."""
    with serve(lambda seen: Answer(b"secret")) as other:
        moved = Answer(status=307, headers={"Location": other.url})
        with serve(lambda seen: moved) as server, pytest.raises(NotificationRefused):
            post_message(server.url, SECRET, MESSAGE, NOW_S)
        assert other.seen == []


def test_cloud_metadata_is_never_contacted():
    """Even where the setting names it."""
    with pytest.raises(NotificationRefused) as refused:
        post_message("http://169.254.169.254/latest", SECRET, MESSAGE, NOW_S)
    assert refused.value.code == "webhook_unsafe"


def test_a_webhook_that_is_away_may_come_back():
    """NotificationFailed, so the job is tried again."""
    with serve(lambda seen: Answer()) as server:
        url = server.url
    with pytest.raises(NotificationFailed) as raised:
        post_message(url, SECRET, MESSAGE, NOW_S)
    assert raised.value.code == "webhook_silent"


@pytest.mark.parametrize("url", ["", "hook", "ftp://x/y", "https://u:p@host/", "http://0x7f.1/"])
def test_a_wrong_setting_is_named(url):
    """Before anything is sent."""
    with pytest.raises(SettingWrong) as refused:
        check_url(url)
    assert refused.value.code == "invalid_notify_url"
