"""backend/coach/models/page.py, over a real registry with real, tiny models."""

import html
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from backend.app import create_app
from backend.coach.auth.session_auth import COOKIE, HOME, csrf_of
from pushoff.active.label_quality.assessment import to_sentences
from pushoff.coach.accounts import authenticate
from pushoff.coach.database import Database
from pushoff.learning.registry.learning_progress import LearningProgress, progress_json
from pushoff.learning.registry.registry import Registry
from pushoff.queue import JobQueue, connect
from pushoff.storage.assessments import save_assessment
from pushoff.storage.object_store import Storage
from tests.models import save_tiny_model
from tests.unit.active.assessed import assessment
from tests.unit.backend.coach.conftest import PAGE
from tests.unit.backend.test_app import settings
from tests.unit.coach.conftest import PASSWORD
from tests.unit.learning.evaluation.evaluation_samples import scorecard
from tests.unit.studio.serving import Server, connected_to, serve

AT = f"{HOME}/models"
BACKEND = "http://backend:9090"
CARD = scorecard(groups=("s1", "s2"), split_by="session", footage="synthetic")


@pytest.fixture(scope="module")
def furnished(tmp_path_factory, peopled: Path) -> Path:
    """A data folder: everybody's accounts, and three versions, of which the first is champion."""
    folder = tmp_path_factory.mktemp("models-page")
    shutil.copy(peopled, folder / "coach.db")
    registry = Registry(f"sqlite:///{folder / 'mlflow.db'}", str(folder / "models"))
    for seed, scored in enumerate((CARD, replace(CARD, split_by="time"), None)):
        made = folder / f"model-{seed}"
        saved = save_tiny_model(made, seed, scorecard=scored)
        progress = LearningProgress(20, 14, 0.93, 0.81, "athlete", {"disagreement": 2 + seed})
        decided = {
            "decision": f"kept: <b>no gain</b> {seed}",
            "progress": progress_json(progress),
        }
        version = registry.register(made, saved, {}, {}, {}, decided)
        if seed == 0:
            registry.promote(version, "promoted: beats guessing")
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


def versions(furnished: Path) -> tuple[list[str], str]:
    """(versions newest first, the champion)."""
    registry = Registry(f"sqlite:///{furnished / 'mlflow.db'}", str(furnished / "models"))
    champion = registry.champion()
    return [one.version for one in registry.versions()], champion.version


def test_the_page_shows_the_champion_and_the_reason(come, furnished):
    """Every version with its held-out scores."""
    text = come("carla").get(AT).text
    for version in versions(furnished)[0]:
        assert version in text
    assert "promoted: beats guessing" in text
    assert "&lt;b&gt;no gain&lt;/b&gt; 1" in text
    assert "F1 within one frame 0.90 (0.60 to 1.00) on 30 push-offs of 2 videos" in text
    assert "Provisional F1 within one frame 0.90" in text
    assert "Not scored: nothing was held out." in text
    assert text.count("champion</span>") == 1


def test_only_admins_see_what_was_held_out(come):
    """Athletes' names: those of pictures uploaded by hand stand for a video's id, too."""
    assert "s1, s2" in come("root").get(AT).text
    for who in ("carla", "anna"):
        assert "s1, s2" not in come(who).get(AT).text


@pytest.mark.parametrize("who", ["carla", "anna"])
def test_only_admins_can_change_the_champion(come, furnished, who):
    """Others see no buttons and get 403."""
    client, (all_of_them, champion) = come(who), versions(furnished)
    text = client.get(AT).text
    assert "Promote" not in text
    assert "Roll back" not in text
    given = {"version": all_of_them[0], "expected": champion}
    assert "Learn from all labels" not in text
    for change in ("promote", "rollback", "learn"):
        assert client.post(f"{AT}/{change}", data=given).status_code == 403
    assert versions(furnished)[1] == champion


def test_an_admin_promotes_and_rolls_back(come, furnished):
    """The history names the admin."""
    root, (all_of_them, before) = come("root"), versions(furnished)
    other = all_of_them[0]
    assert "Promote" in root.get(AT).text
    given = {"version": other, "expected": before}
    assert root.post(f"{AT}/promote", data=given).status_code == 303
    assert versions(furnished)[1] == other
    text = root.get(AT).text
    assert "promoted by hand by root" in text and "Roll back" in text
    answer = root.post(f"{AT}/rollback", data={"expected": other})
    assert (answer.status_code, answer.headers["Location"]) == (303, AT)
    assert versions(furnished)[1] == before
    assert "Roll back" not in root.get(AT).text, "there is nothing before the first champion"


def studio_settings(studio: Server) -> dict[str, str]:
    return {"label_studio_url": studio.url, "label_studio_token": "t", "backend_url": BACKEND}


def test_a_change_is_published_in_every_connected_project(come, furnished, redis_url):
    """Each gets a publish job with the admin's reason; sessions are analysed again."""
    all_of_them, before = versions(furnished)
    with serve(connected_to(BACKEND, 3, 8)) as studio:
        root = come("root", **studio_settings(studio), redis_url=redis_url)
        given = {"version": all_of_them[1], "expected": before}
        assert root.post(f"{AT}/promote", data=given).status_code == 303
    queue = JobQueue(connect(redis_url), "a-good-key")
    analyses, *publishes = queue.jobs.rq_queue("fast").jobs
    assert analyses.func_name == "worker.jobs.refresh_analyses"
    requested = [(job.kwargs["project_id"], job.kwargs["reason"]) for job in publishes]
    assert requested == [
        (project_id, f"{all_of_them[1]} promoted by hand by root") for project_id in (3, 8)
    ]
    come("root").post(f"{AT}/rollback", data={"expected": all_of_them[1]})
    assert versions(furnished)[1] == before


def test_an_admin_asks_for_a_training(come, redis_url):
    """Once, however often the button is pressed while it waits."""
    root = come("root", redis_url=redis_url)
    assert "Learn from all labels now" in root.get(AT).text
    for _ in range(2):
        assert root.post(f"{AT}/learn").status_code == 303
    [job] = JobQueue(connect(redis_url), "a-good-key").jobs.rq_queue("fast").jobs
    assert job.func_name == "worker.jobs.learn_from_sessions"
    assert job.kwargs == {"reason": "requested by root"}


def test_a_change_that_is_not_published_is_reported(come, furnished):
    """503: the champion has changed, and the nightly job publishes it."""
    all_of_them, before = versions(furnished)
    with serve(connected_to(BACKEND, 3)) as studio:  # Redis does not answer
        root = come("root", **studio_settings(studio))
        given = {"version": all_of_them[1], "expected": before}
        answer = root.post(f"{AT}/promote", data=given)
    assert answer.status_code == 503 and all_of_them[1] in answer.text
    assert versions(furnished)[1] == all_of_them[1]
    come("root").post(f"{AT}/rollback", data={"expected": all_of_them[1]})
    assert versions(furnished)[1] == before


def test_an_outdated_page_changes_nothing(come, furnished):
    """If the champion is no longer the one it shows."""
    root, (all_of_them, champion) = come("root"), versions(furnished)
    for change in ("promote", "rollback"):
        given = {"version": all_of_them[0], "expected": "resnet18-v9-0"}
        assert root.post(f"{AT}/{change}", data=given).status_code in (404, 409)
    assert root.post(f"{AT}/promote", data={"version": "../x"}).status_code == 404
    assert versions(furnished)[1] == champion


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


def test_a_coach_reads_no_command(come):
    """Nor a setting; an admin finds the commands."""
    text = come("carla").get(AT).text
    assert "PUSHOFF_" not in text and "<code>pushoff" not in text


def test_the_page_says_what_checked_sessions_brought(come):
    """Of the champion at the top, and which labels people disagree on."""
    page = come("carla").get(AT).text
    assert "Since your last 14 checked sessions: F1 within one frame 0.81 -&gt; 0.93 on" in page
    assert "2 labels were not learnt from: disagreement (2)." in page
