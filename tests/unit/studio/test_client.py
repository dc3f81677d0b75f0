import base64
import json
import time

import pytest

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.studio.client import LabelStudioClient, connect
from pushoff.studio.credentials import Credentials
from tests.unit.studio.serving import Answer, serve


def jwt(kind, more=""):
    claims = base64.urlsafe_b64encode(json.dumps({"token_type": kind, "n": more}).encode())
    return f"e30.{claims.decode().rstrip('=')}.signature"


def say(value, status=200):
    return Answer(json.dumps(value).encode(), status, {"Content-Type": "application/json"})


def test_a_401_renews_the_access_token_and_tries_again():
    """An access token that expires during use is renewed and the request repeated."""

    def answer(seen):
        if "refresh" in seen.path:
            return say({"access": "fresh"})
        fresh = seen.headers["Authorization"] == "Bearer fresh"
        return say({"ok": True}) if fresh else say({"detail": "expired"}, 401)

    with serve(answer) as server:
        studio = LabelStudioClient(
            server.url, Credentials(server.url, jwt("refresh"), access="expired")
        )
        assert {"ok": True} == studio.get("/api/projects")
        with studio.stream("/api/file") as response:
            assert {"ok": True} == json.loads(response.read())
        studio.close()
        assert 1 == sum("refresh" in one.path for one in server.seen)


def test_an_unreachable_server_names_address_and_setting():
    """A wrong port fails at once, with a message that has the URL."""
    with serve(lambda seen: Answer()) as server:
        url = server.url
    with pytest.raises(StudioUnreachable) as unreachable:
        connect(url, "a" * 40)
    assert url in str(unreachable.value)
    assert "PUSHOFF_LABEL_STUDIO_URL" in str(unreachable.value)


@pytest.mark.parametrize("status", [200, 404])
def test_a_web_page_is_not_label_studio(status):
    """Some other server at the address is recognised."""
    page = Answer(b"<html>", status, {"Content-Type": "text/html"})
    with serve(lambda seen: page) as server:
        with pytest.raises(StudioUnreachable, match="PUSHOFF_LABEL_STUDIO_URL"):
            connect(server.url, "a" * 40)


def test_requests_are_repeated_while_label_studio_is_busy():
    """503 while Label Studio restarts costs seconds, not the job."""
    answers = iter([say({}, 503), say({}, 502), say({"id": 1})])
    with serve(lambda seen: next(answers)) as server:
        began = time.monotonic()
        connect(server.url, "a" * 40).close()
        assert 3 == len(server.seen)
        assert time.monotonic() - began > 0.5


def test_a_failed_post_is_not_repeated():
    """What may have been done once is not done twice behind our back."""
    with serve(lambda seen: say({"detail": "locked"}, 500)) as server:
        studio = LabelStudioClient(server.url, Credentials(server.url, "a" * 40))
        with pytest.raises(StudioUnreachable, match="locked"):
            studio.post("/api/projects/1/import", [])
        studio.close()
        assert 1 == len(server.seen)


PRIVATE = {
    "id": "x", "status_code": 403, "version": "1.23.2", "exc_info": None,
    "detail": "URL resolves to a reserved network address (block: 127.0.0.0/8)",
}  # fmt: skip


@pytest.mark.parametrize("by", ["json", "sdk"])
def test_the_refusal_of_a_private_address_names_the_exact_lines(by):
    """The message has the lines to set in Label Studio's environment."""
    with serve(lambda seen: say(PRIVATE, 403)) as server:
        studio = LabelStudioClient(server.url, Credentials(server.url, "a" * 40))
        with pytest.raises(StudioRefused) as refused:
            if by == "json":
                studio.post("/api/webhooks/", {})
            else:
                studio.sdk_call(lambda sdk: sdk.webhooks.create(url="http://127.0.0.1/webhook"))
        studio.close()
    assert "\n  USE_DEFAULT_BANNED_SUBNETS=false\n" in str(refused.value)
    assert "\n  USER_ADDITIONAL_BANNED_SUBNETS=169.254.0.0/16\n" in str(refused.value)


def test_no_session_cookie_is_kept():
    """A session would go on working after the token is revoked."""
    cookie = {"Set-Cookie": "sessionid=abc; Path=/"}
    with serve(lambda seen: Answer(b"{}", headers=cookie)) as server:
        studio = connect(server.url, "a" * 40)
        studio.get("/api/projects")
        studio.close()
        assert "Cookie" not in server.seen[-1].headers
