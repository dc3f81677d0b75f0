import base64
import json
import logging
import time

import pytest

from pushoff.errors import StudioRefused, StudioUnreachable
from pushoff.studio.client import LabelStudioClient, connect
from pushoff.studio.credentials import Credentials, token_type
from tests.unit.studio.serving import Answer, serve


def jwt(kind, more=""):
    claims = base64.urlsafe_b64encode(json.dumps({"token_type": kind, "n": more}).encode())
    return f"e30.{claims.decode().rstrip('=')}.signature"


def say(value, status=200):
    return Answer(json.dumps(value).encode(), status, {"Content-Type": "application/json"})


def test_the_kind_of_token_is_found_out():
    """Personal access tokens are JWTs that say refresh; everything else is a legacy token."""
    kinds = [Credentials("http://x", token).kind for token in (jwt("refresh"), "a" * 40, "a.b.c")]
    assert ["personal", "legacy", "legacy"] == kinds
    assert [None, None, "access"] == [token_type(t) for t in ("", "..", jwt("access"))]


def test_a_legacy_token_is_sent_as_it_is():
    """Authorization: Token ..."""
    with serve(lambda seen: say({"id": 1})) as server:
        connect(server.url, "a" * 40).close()
        assert [f"Token {'a' * 40}"] == [one.headers["Authorization"] for one in server.seen]


def test_a_personal_token_is_exchanged_once_and_never_sent_itself():
    """The access token serves many requests."""
    with serve(lambda seen: say({"access": "short", "id": 1})) as server:
        studio = connect(server.url, jwt("refresh"))
        studio.get("/api/projects")
        studio.close()
        paths = [one.path for one in server.seen]
        assert 1 == paths.count("/api/token/refresh/")
        sent = {
            one.headers.get("Authorization") for one in server.seen if "refresh" not in one.path
        }
        assert {"Bearer short"} == sent


def test_a_401_renews_the_access_token_and_tries_again():
    """An access token that expires in the middle is replaced without anybody noticing."""

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


def test_a_revoked_personal_token_says_what_to_do(caplog):
    """The message names the page and the setting; no token is in it or in the log."""
    caplog.set_level(logging.DEBUG)
    token = jwt("refresh", "canary")
    with serve(lambda seen: say({"detail": "invalid"}, 401)) as server:
        with pytest.raises(StudioRefused) as refused:
            connect(server.url, token)
    assert "/user/account/personal-access-token" in str(refused.value)
    assert "PUSHOFF_LABEL_STUDIO_TOKEN" in str(refused.value)
    assert token not in str(refused.value) + caplog.text


def test_nobody_there_names_address_and_setting():
    """A wrong port is said at once and in words."""
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


def test_busy_answers_are_waited_out():
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
    """Label Studio's default protection is explained with what to set."""
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


def test_the_token_goes_to_one_origin_only():
    """A request of the same client to another host carries no header."""
    with serve(lambda seen: say({})) as studio_server, serve(lambda seen: say({})) as other:
        credentials = Credentials(studio_server.url, "a" * 40)
        import httpx

        with httpx.Client(auth=credentials) as client:
            client.get(other.url)
        assert "Authorization" not in other.seen[0].headers


def test_no_session_cookie_is_kept():
    """A session would go on working after the token is revoked."""
    cookie = {"Set-Cookie": "sessionid=abc; Path=/"}
    with serve(lambda seen: Answer(b"{}", headers=cookie)) as server:
        studio = connect(server.url, "a" * 40)
        studio.get("/api/projects")
        studio.close()
        assert "Cookie" not in server.seen[-1].headers
