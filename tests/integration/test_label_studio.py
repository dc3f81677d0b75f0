"""The rig itself."""

import httpx


def test_it_answers_to_both_kinds_of_token(label_studio):
    """The fixture gives a running server, a legacy token and a personal access token."""
    projects = httpx.get(f"{label_studio.url}/api/projects", headers=label_studio.headers)
    access = httpx.post(
        f"{label_studio.url}/api/token/refresh/", json={"refresh": label_studio.pat()}
    )

    assert 200 == projects.status_code
    assert 200 == access.status_code
