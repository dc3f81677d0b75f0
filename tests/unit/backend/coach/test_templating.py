"""Pages are escaped and carry security headers."""

import pytest

from backend.coach.auth.session_auth import HOME


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/sign-in",
        "/models",
        "/nowhere",
        "/sessions/x/report.json",
        f"/sessions/{'0' * 16}/report.json",
    ],
)
def test_every_page_has_security_headers(visit, path):
    """Nothing inline, nothing from other origins, no framing, no caching, no type sniffing."""
    answer = visit("carla").get(HOME + path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert "http://" not in answer.text
    assert "https://" not in answer.text


def test_names_are_escaped(visit, add):
    """In the list and in the search field."""
    add("carla", athlete='<img src=x onerror=alert(1)>"&', filename="<b>.mp4")
    text = visit("carla").get(HOME, params={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text
    text = visit("carla").get(HOME).text
    assert "<img src=x" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
