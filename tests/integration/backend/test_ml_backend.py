"""Label Studio itself talks to the backend: connect, open a task, train, annotate."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import numpy as np
import pytest

from pushoff.learning.model.frame_suggestion import NO_ATHLETE
from pushoff.studio.client import connect
from pushoff.studio.project import ProjectPlan, create_project
from pushoff.video.images import encode_jpeg
from tests.integration.backend_server import (
    AUTH,
    PASSWORD,
    WEBHOOK_SECRET,
    BackendServer,
    register,
    running_backend,
)
from tests.integration.label_studio import LabelStudioServer
from tests.videos import athlete_picture


@dataclass
class Connected:
    """A project of the real Label Studio, connected to a real backend with a champion."""

    studio: httpx.Client
    backend: BackendServer
    project_id: int
    ml_id: int
    version: str

    def upload(self, name: str, data: bytes) -> int:
        """Put a file in by hand; returns its task."""
        files = {"file": (name, data, "image/jpeg")}
        made = self.studio.post(f"/api/projects/{self.project_id}/import", files=files)
        assert made.status_code == 201, made.text
        tasks = self.studio.get("/api/tasks", params={"project": self.project_id}).json()["tasks"]
        return max(task["id"] for task in tasks)


@pytest.fixture(scope="module")
def connected(
    label_studio: LabelStudioServer,
    redis_server: object,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Connected]:
    folder = tmp_path_factory.mktemp("backend-ls")
    settings = {
        "PUSHOFF_LABEL_STUDIO_URL": label_studio.url,
        "PUSHOFF_LABEL_STUDIO_TOKEN": label_studio.pat(),
    }
    with running_backend(folder / "data", redis_server.url, environment=settings) as backend:
        studio = connect(label_studio.url, label_studio.pat())
        plan = ProjectPlan("Backend", backend.url, AUTH[0], PASSWORD, WEBHOOK_SECRET)
        project_id = create_project(studio, plan).project_id
        studio.close()
        registry = backend.registry()
        version = register(registry, folder / "model", seed=1)
        registry.promote(version, "first")
        headers = label_studio.headers
        with httpx.Client(base_url=label_studio.url, headers=headers, timeout=60) as client:
            [ml] = client.get("/api/ml", params={"project": project_id}).json()
            yield Connected(client, backend, project_id, ml["id"], version)


def jpeg(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (48, 64, 3), np.uint8)
    return encode_jpeg(pixels)


def test_label_studio_shows_the_version(connected: Connected) -> None:
    """Connected, with the champion's version and the list of all versions."""
    deadline = time.monotonic() + 60
    while True:
        ml = connected.studio.get(f"/api/ml/{connected.ml_id}").json()
        if ml["model_version"] == connected.version:
            break
        assert time.monotonic() < deadline, ml
        time.sleep(0.5)
    assert ml["readable_state"] == "Connected"
    versions = connected.studio.get(f"/api/ml/{connected.ml_id}/versions").json()
    assert versions == {"versions": [connected.version]}


def test_a_frame_uploaded_by_hand_is_suggested(connected: Connected) -> None:
    """Opening its task shows a label with its probability: the athlete is found in the picture."""
    test_label_studio_shows_the_version(connected)
    task_id = connected.upload("sprint 0001.jpg", encode_jpeg(athlete_picture()))
    task = connected.studio.get(f"/api/tasks/{task_id}").json()
    [prediction] = task["predictions"]
    assert prediction["model_version"] == connected.version
    [region, line] = prediction["result"]
    [choice] = region["value"]["choices"]
    assert choice in ("push_off", "not_push_off")
    assert 0.5 <= region["score"] <= 1
    assert line["value"]["text"][0].startswith(f"{choice} {region['score']:.2f}")
    assert 0 <= prediction["score"] <= 1


def test_a_picture_without_an_athlete_says_so(connected: Connected) -> None:
    """No label is selected; the line below the picture gives the reason."""
    test_label_studio_shows_the_version(connected)
    task_id = connected.upload("grass.jpg", jpeg(4))
    task = connected.studio.get(f"/api/tasks/{task_id}").json()
    [prediction] = task["predictions"]
    [region] = prediction["result"]
    assert (prediction["model_version"], region["type"]) == (connected.version, "textarea")
    assert region["value"] == {"text": [NO_ATHLETE]}


def test_an_unreadable_image_is_asked_for_again(connected: Connected) -> None:
    """Nothing is stored for it, the sentence stands in the log, and the next task is fine."""
    task_id = connected.upload("broken.jpg", b"\xff\xd8 this is no image")
    for _ in range(2):
        assert connected.studio.get(f"/api/tasks/{task_id}").json()["predictions"] == []
    assert connected.backend.log().count(f"task {task_id}: ") == 2
    good = connected.upload("good.jpg", jpeg(2))
    assert len(connected.studio.get(f"/api/tasks/{good}").json()["predictions"]) == 1


def test_the_training_button_and_annotations_arrive(connected: Connected) -> None:
    """The button starts one run; an annotation is counted, through the secret header."""
    answer = connected.studio.post(f"/api/ml/{connected.ml_id}/train", json={})
    assert answer.status_code == 200
    task_id = connected.upload("label me.jpg", jpeg(3))
    choice = {
        "from_name": "choice",
        "to_name": "image",
        "type": "choices",
        "value": {"choices": ["push_off"]},
    }
    made = connected.studio.post(
        f"/api/tasks/{task_id}/annotations", json={"result": [choice], "lead_time": 1}
    )
    assert made.status_code == 201, made.text
    deadline = time.monotonic() + 10
    wanted = ["event START_TRAINING", "event ANNOTATION_CREATED", "event TASKS_CREATED"]
    while not all(
        f"{one}, project {connected.project_id}: " in connected.backend.log() for one in wanted
    ):
        assert time.monotonic() < deadline, connected.backend.log()[-2000:]
        time.sleep(0.1)
    assert " 401 in " not in connected.backend.log()
