"""pushoff/studio/credentials.py: tokens and the Authorization header."""

import base64
import json
import logging

import pytest

from pushoff.errors import StudioRefused
from pushoff.studio.client import connect
from pushoff.studio.credentials import Credentials, token_type
from tests.unit.studio.serving import Answer, serve


def jwt(kind, more=""):
    claims = base64.urlsafe_b64encode(json.dumps({"token_type": kind, "n": more}).encode())
    return f"e30.{claims.decode().rstrip('=')}.signature"


def say(value, status=200):
    return Answer(json.dumps(value).encode(), status, {"Content-Type": "application/json"})


def test_the_kind_of_token_is_detected():
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


def test_a_revoked_personal_token_has_a_remedy(caplog):
    """The message names the page and the setting; no token is in it or in the log."""
    caplog.set_level(logging.DEBUG)
    token = jwt("refresh", "canary")
    with serve(lambda seen: say({"detail": "invalid"}, 401)) as server:
        with pytest.raises(StudioRefused) as refused:
            connect(server.url, token)
    assert "/user/account/personal-access-token" in str(refused.value)
    assert "PUSHOFF_LABEL_STUDIO_TOKEN" in str(refused.value)
    assert token not in str(refused.value) + caplog.text


def test_the_token_goes_to_one_origin_only():
    """A request of the same client to another host carries no header."""
    with serve(lambda seen: say({})) as studio_server, serve(lambda seen: say({})) as other:
        credentials = Credentials(studio_server.url, "a" * 40)
        import httpx

        with httpx.Client(auth=credentials) as client:
            client.get(other.url)
        assert "Authorization" not in other.seen[0].headers
