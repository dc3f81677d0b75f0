"""backend/coach/models/page.py, over a real registry with real, tiny models."""

import html
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.testclient import TestClient

from backend.app import create_app
from backend.coach.auth.session_auth import COOKIE, HOME, csrf_of
from pushoff.active.label_quality.assessment import to_sentences
from pushoff.coach.accounts import authenticate
from pushoff.coach.database import Database
from pushoff.learning.evaluation.metrics import score
from pushoff.learning.frame.classifier import save_model
from pushoff.learning.backbone.network import create_network
from pushoff.learning.registry.registry import Registry
from pushoff.learning.registry.versions import EVENT_MODELS, HeldOutEvents
from pushoff.storage.assessments import save_assessment
from pushoff.storage.object_store import Storage
from tests.unit.active.assessed import assessment
from tests.unit.backend.coach.conftest import PAGE
from tests.unit.backend.test_app import settings
from tests.unit.coach.conftest import PASSWORD
from tests.unit.learning.learning_samples import card

AT = f"{HOME}/models"
CARD = score(np.array([0.9, 0.2, 0.4]), np.array([1, 0, 1]), ["s1", "s1", "s2"], "synthetic", 0.5)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory, peopled: Path) -> Path:
    """A data folder: everybody's accounts; two versions of project 7, two of event models."""
    import torch

    folder = tmp_path_factory.mktemp("models-page")
    shutil.copy(peopled, folder / "coach.db")
    registry = Registry(f"sqlite:///{folder / 'mlflow.db'}", str(folder / "models"))
    for seed in range(4):
        torch.manual_seed(seed)
        project_id = (7, 7, EVENT_MODELS, EVENT_MODELS)[seed]
        made = folder / f"model-{seed}"
        scored = card(scorecard=CARD if project_id != EVENT_MODELS else None)
        saved = save_model(made, create_network("resnet18"), scored)
        held_out = HeldOutEvents(0.9, 1, 3) if project_id == EVENT_MODELS else None
        decided = {"decision": f"kept: <b>no gain</b> {seed}"}
        version = registry.register(project_id, made, saved, {}, {}, {}, decided, held_out=held_out)
        if seed in (0, 2):
            registry.promote(project_id, version, f"promoted: beats guessing {seed}")
    return folder


Visit = Callable[..., TestClient]


@pytest.fixture
def come(furnished: Path) -> Iterator[Visit]:
    """`come("root")`: signed in at an application on that folder."""
    database = Database(f"sqlite:///{furnished / 'coach.db'}")

    def client(name: str, **more: object) -> TestClient:
        found = authenticate(database, name, PASSWORD)
        assert found
        app = create_app(settings(furnished, **more))
        headers = {**PAGE, "X-CSRF-Token": csrf_of(found[1])}
        user = TestClient(app, headers=headers, follow_redirects=False)
        user.cookies.set(COOKIE, found[1], path=HOME)
        return user

    yield client
    database.close()


def versions(furnished: Path, project_id: int) -> tuple[list[str], str]:
    """(versions newest first, the champion)."""
    registry = Registry(f"sqlite:///{furnished / 'mlflow.db'}", str(furnished / "models"))
    champion = registry.champion(project_id)
    return [one.version for one in registry.versions(project_id)], champion.version


def test_the_page_shows_the_champion_and_the_reason(come, furnished):
    """Every version with its held-out scores and sessions."""
    text = come("carla").get(AT).text
    for project_id in (7, EVENT_MODELS):
        for version in versions(furnished, project_id)[0]:
            assert version in text
    assert "promoted: beats guessing 0" in text
    assert "promoted: beats guessing 2" in text
    assert "&lt;b&gt;no gain&lt;/b&gt; 1" in text
    assert "event F1 0.90 within 1 frame, 3 clips held out in turn" in text
    assert f"{CARD.f1:.3f}" in text
    assert "3 synthetic frames, 2 push-offs, 2 videos" in text
    assert "s1, s2" in text
    assert text.count("champion</span>") == 2


@pytest.mark.parametrize("who", ["carla", "anna"])
def test_only_admins_can_change_the_champion(come, furnished, who):
    """Others see no buttons and get 403."""
    client, (all_of_them, champion) = come(who), versions(furnished, 7)
    text = client.get(AT).text
    assert "Promote" not in text
    assert "Roll back" not in text
    given = {"version": all_of_them[0], "expected": champion}
    for change in ("promote", "rollback"):
        assert client.post(f"{AT}/7/{change}", data=given).status_code == 403
    assert versions(furnished, 7)[1] == champion


def test_an_admin_promotes_and_rolls_back(come, furnished):
    """The history names the admin."""
    root, (all_of_them, before) = come("root"), versions(furnished, EVENT_MODELS)
    [other] = set(all_of_them) - {before}
    assert "Promote" in root.get(AT).text
    given = {"version": other, "expected": before}
    assert root.post(f"{AT}/{EVENT_MODELS}/promote", data=given).status_code == 303
    assert versions(furnished, EVENT_MODELS)[1] == other
    assert "promoted by hand by root" in root.get(AT).text
    answer = root.post(f"{AT}/{EVENT_MODELS}/rollback", data={"expected": other})
    assert (answer.status_code, answer.headers["Location"]) == (303, AT)
    assert versions(furnished, EVENT_MODELS)[1] == before


def test_an_outdated_page_changes_nothing(come, furnished):
    """If the champion is no longer the one it shows."""
    root, (all_of_them, champion) = come("root"), versions(furnished, 7)
    [other] = set(all_of_them) - {champion}
    for change in ("promote", "rollback"):
        answer = root.post(f"{AT}/7/{change}", data={"version": other, "expected": "resnet18-v9-0"})
        assert answer.status_code in (404, 409)
    assert root.post(f"{AT}/7/promote", data={"version": "../x"}).status_code == 404
    assert versions(furnished, 7)[1] == champion


def test_links_have_no_passwords(come):
    """Of MLflow and Label Studio; a file is not a link."""
    text = come("carla").get(AT).text
    assert "MLflow</a>" not in text
    assert "Label Studio</a>" not in text
    address = {
        "label_studio_url": "https://user:hunter2@label.example.org/",
        "label_studio_token": "canary-token",
    }
    text = come("carla", **address).get(AT).text
    assert 'href="https://label.example.org"' in text
    assert 'href="https://label.example.org/projects/7/data"' in text
    assert "canary-token" not in text
    assert "hunter2" not in text


@pytest.mark.parametrize("answers", [False, True], ids=["refuses", "is silent"])
def test_an_unavailable_registry_gives_an_error_in_time(come, answers):
    """Within three seconds; the page retries and links to the registry."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if answers:
            silent.listen()
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}"
        root = come("root", mlflow_uri=uri)
        for _ in range(2):
            began = time.monotonic()
            answer = root.get(AT)
            assert time.monotonic() - began < 3
            assert answer.status_code == 503
        assert "model registry" in answer.text
        assert "No models yet" not in answer.text
        assert re.search(r'http-equiv="refresh" content="\d+"', answer.text)
        assert f'href="{uri}"' in answer.text


def test_the_page_shows_label_quality(come, furnished):
    """Sentences, learning curve and table; a damaged assessment is left out."""
    storage = Storage(str(furnished / "storage"))
    save_assessment(storage, assessment())
    storage.write_json("assessments/8.json", {"labels": "many"})
    text = html.unescape(come("carla").get(AT).text)
    assert "Label quality, project 7" in text
    assert "project 8" not in text
    for _, said in to_sentences(assessment())[:4]:
        assert said in text
    assert text.count('class="dot"') == 5
    assert "0.680 (0.630 to 0.720)" in text
    assert text.index("<summary>Table") < text.index('<th scope="row">200</th>')
