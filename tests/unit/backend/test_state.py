"""What a process holds is closed with the application."""

import threading
from pathlib import Path

from starlette.testclient import TestClient

from backend.app import create_app
from tests.unit.backend.test_app import AUTH, CONFIG, HOOK, settings


def test_closing_the_application_ends_its_threads(tmp_path: Path) -> None:
    """Every pool and the thread that follows the champion are stopped in the lifespan."""
    before = set(threading.enumerate())
    with TestClient(create_app(settings(tmp_path))) as client:
        client.post("/webhook", headers=HOOK, json={"action": "ANNOTATION_CREATED"})
        client.post("/predict", auth=AUTH, json={"tasks": [], "label_config": CONFIG})
        client.post("/coach/sign-in", data={"name": "nobody", "password": "a wrong password"})
    threads = [
        thread
        for thread in set(threading.enumerate()) - before
        if thread.name.startswith(("predict", "webhook", "password", "champion", "batch"))
    ]
    for thread in threads:
        thread.join(60)  # the champion's thread ends with the request it is in: MLflow is imported
    assert not [thread.name for thread in threads if thread.is_alive()]
