"""Both kinds of token against the real server."""

import pytest

from pushoff.errors import StudioRefused
from pushoff.studio.client import LabelStudioClient, connect
from pushoff.studio.credentials import Credentials
from tests.integration.label_studio import start_label_studio

STALE = "eyJhbGciOiJIUzI1NiJ9.eyJ0b2tlbl90eXBlIjoiYWNjZXNzIiwiZXhwIjoxfQ.eA"


@pytest.mark.parametrize("kind", ["personal", "legacy"])
def test_either_token_is_found_out_and_works(label_studio, kind):
    """One setting takes both kinds."""
    token = label_studio.pat() if kind == "personal" else label_studio.legacy_token
    studio = connect(label_studio.url, token)
    assert kind == studio.token_kind
    assert label_studio.email == studio.get("/api/current-user/whoami")["email"]
    assert label_studio.email == studio.sdk_call(lambda sdk: sdk.users.whoami()).email
    studio.close()


def test_a_wrong_token_gets_its_sentence(label_studio):
    """It says where to make a new one, and does not repeat the wrong one."""
    with pytest.raises(StudioRefused) as refused:
        connect(label_studio.url, "f" * 40)
    assert f"{label_studio.url}/user/account/personal-access-token" in str(refused.value)
    assert "f" * 40 not in str(refused.value)


def test_an_expired_access_token_is_renewed_without_notice(label_studio):
    """Label Studio's own 401 for an expired token is understood."""
    credentials = Credentials(label_studio.url, label_studio.pat(), access=STALE)
    studio = LabelStudioClient(label_studio.url, credentials)
    assert label_studio.email == studio.get("/api/current-user/whoami")["email"]
    assert f"Bearer {STALE}" != studio.authorization()
    studio.close()


def test_switched_off_legacy_tokens_and_revoked_personal_ones_are_explained(tmp_path):
    """As a fresh Label Studio has it: legacy tokens are refused, with the remedy."""
    with start_label_studio(tmp_path / "data", tmp_path / "files") as server:
        personal = server.pat()
        studio = connect(server.url, personal)
        studio.post("/api/token/blacklist/", {"refresh": personal})
        with pytest.raises(StudioRefused, match="personal-access-token"):
            connect(server.url, personal)
        studio.post("/api/jwt/settings", {"legacy_api_tokens_enabled": False})
        with pytest.raises(StudioRefused, match="personal-access-token"):
            connect(server.url, server.legacy_token)
        studio.close()
