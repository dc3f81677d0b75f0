"""What a process holds is closed with the application."""

import threading
from pathlib import Path

from starlette.testclient import TestClient

from backend.app import create_app
from tests.unit.backend.test_app import AUTH, CONFIG, HOOK, settings


def test_closing_the_application_ends_its_threads(tmp_path: Path) -> None:
    """Every pool and the watch of the champions are stopped in the lifespan."""
    before = set(threading.enumerate())
    with TestClient(create_app(settings(tmp_path))) as client:
        client.post("/webhook", headers=HOOK, json={"action": "ANNOTATION_CREATED"})
        client.post("/predict", auth=AUTH, json={"tasks": [], "label_config": CONFIG})
        client.post("/coach/sign-in", data={"name": "nobody", "password": "a wrong password"})
    names = {thread.name for thread in set(threading.enumerate()) - before}
    assert not [
        name for name in names if name.startswith(("predict", "webhook", "password", "champions"))
    ]
