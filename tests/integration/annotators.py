"""A second person in the real Label Studio: signed up by invitation, with a session of theirs."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from pushoff.studio.client import LabelStudioClient


class Annotator:
    """Somebody who labels as a browser does: by cookie, not by token."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def label(self, task_id: int, result: list[dict], **more: object) -> None:
        """Submit an annotation."""
        self._client.post(
            f"/api/tasks/{task_id}/annotations/",
            json={"result": result, "lead_time": 2.0, **more},
            headers={"X-CSRFToken": self._client.cookies["csrftoken"]},
        ).raise_for_status()


@contextmanager
def second_annotator(studio: LabelStudioClient) -> Iterator[Annotator]:
    """Signs up through the organisation's invitation."""
    invitation = studio.get("/api/invite")["invite_url"]
    with httpx.Client(base_url=studio.url, timeout=30) as client:
        path = httpx.URL(invitation).raw_path.decode()
        client.get(path)
        client.post(
            path,
            data={
                "csrfmiddlewaretoken": client.cookies["csrftoken"],
                "email": f"{secrets.token_hex(4)}@example.org",
                "password": secrets.token_hex(8),
            },
        )
        client.get("/api/current-user/whoami").raise_for_status()
        yield Annotator(client)
