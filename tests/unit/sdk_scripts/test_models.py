"""`pushoff models`, on a registry with two versions or none."""

import json
import shutil
from pathlib import Path

import pytest

from pushoff.learning.registry.registry import Registry
from pushoff.queue import JobQueue, connect
from tests.models import save_tiny_model
from tests.unit.learning.evaluation.evaluation_samples import scorecard
from tests.unit.studio.serving import Answer, Seen, connected_to, serve

BACKEND = "http://127.0.0.1:9"
"""Nobody listens there."""
SCORE = scorecard()


@pytest.fixture(scope="module")
def two_versions(tmp_path_factory) -> tuple[Path, str, str]:
    """(the registry's file, first version, second version); the second is champion."""
    folder = tmp_path_factory.mktemp("registry")
    registry = Registry(f"sqlite:///{folder / 'mlflow.db'}", str(folder / "models"))
    versions = []
    for seed, scored in enumerate((SCORE, None)):
        made = save_tiny_model(folder / str(seed), seed, scorecard=scored)
        versions.append(registry.register(folder / str(seed), made, {}, {}, {}))
        registry.promote(versions[-1], f"reason {seed}")
    return folder / "mlflow.db", *versions


@pytest.fixture
def versions(two_versions, tmp_path) -> tuple[str, str]:
    """First and second version in the data folder of the commands; the second is champion."""
    database, first, second = two_versions
    (tmp_path / "var").mkdir()
    shutil.copy(database, tmp_path / "var" / "mlflow.db")
    return first, second


@pytest.fixture
def champion(tmp_path):
    """The champion's version now."""
    return lambda: Registry(f"sqlite:///{tmp_path / 'var' / 'mlflow.db'}").champion().version


@pytest.fixture
def label_studio(monkeypatch):
    """A Label Studio whose projects 3 and 8 are connected."""
    with serve(connected_to(BACKEND, 3, 8)) as server:
        monkeypatch.setenv("PUSHOFF_LABEL_STUDIO_URL", server.url)
        monkeypatch.setenv("PUSHOFF_LABEL_STUDIO_TOKEN", "0" * 40)
        monkeypatch.setenv("PUSHOFF_JOB_SECRET", "k" * 32)
        yield server


def test_versions_are_listed_with_their_score(pushoff, versions):
    """Newest first; the champion is marked; a version that nothing was held out for says so."""
    newest, oldest = pushoff("models", "list").out.splitlines()
    assert newest.startswith(f"* {versions[1]}") and "not scored" in newest
    assert oldest.startswith(f"  {versions[0]}")
    assert "F1 within one frame 0.90" in oldest and "300 real frames" in oldest


def test_a_version_is_shown_with_its_card_and_history(pushoff, versions):
    """Score, data set and every promotion."""
    shown = pushoff("models", "show", versions[0]).out
    assert "F1 within one frame 0.90" in shown and "f" * 64 in shown and "reason 0" in shown


def test_an_empty_list_says_what_to_do(pushoff):
    """No model yet: the commands that make one."""
    listed = pushoff("models", "list")
    assert 0 == listed.code
    assert "pushoff train --clips DIR" in listed.out and "pushoff refit" in listed.out


@pytest.mark.parametrize(
    "words", [("rollback",), ("show", "resnet18-v1-123456"), ("promote", "resnet18-v1-123456")]
)
def test_without_a_model_nobody_else_is_blamed(pushoff, words):
    """Not Redis and not Label Studio: there is no such model."""
    refused = pushoff("models", *words)
    assert 1 == refused.code
    error = refused.err.splitlines()[-1]  # MLflow may log before it
    assert error.startswith("pushoff: There is no ") or "has no model" in error
    assert "edis" not in refused.err


def test_without_label_studio_the_champion_changes_and_nothing_is_published(
    pushoff, versions, champion
):
    """Neither Redis nor Label Studio nor a backend is needed; what was not done is said."""
    rolled_back = pushoff("models", "rollback")
    assert (0, "") == (rolled_back.code, rolled_back.err)
    assert champion() == versions[0]
    assert "no Label Studio is connected" in rolled_back.out
    assert "serves again" not in rolled_back.out
    assert pushoff("models", "promote", versions[1]).code == 0
    assert champion() == versions[1]


def test_a_rollback_changes_nothing_unless_redis_answers(
    pushoff, versions, champion, label_studio, monkeypatch
):
    """Label Studio could not be updated; a second try must not go two versions back."""
    monkeypatch.setenv("PUSHOFF_REDIS_URL", "unix:///nowhere/redis.sock")
    refused = pushoff("models", "rollback")
    assert (1, "") == (refused.code, refused.out)
    assert champion() == versions[1]


def test_a_change_that_label_studio_does_not_hear_of_is_told(
    pushoff, versions, champion, redis_url, monkeypatch
):
    """The command succeeds, so that nobody repeats it, and says what is left to do."""
    monkeypatch.setenv("PUSHOFF_REDIS_URL", redis_url)
    monkeypatch.setenv("PUSHOFF_JOB_SECRET", "k" * 32)
    monkeypatch.setenv("PUSHOFF_LABEL_STUDIO_URL", BACKEND)
    monkeypatch.setenv("PUSHOFF_LABEL_STUDIO_TOKEN", "0" * 40)
    done = pushoff("models", "rollback")
    assert 0 == done.code and champion() == versions[0]
    assert "`pushoff publish`" in done.out and "Label Studio" in done.err


def test_every_connected_project_is_published_after_a_change(
    pushoff, versions, label_studio, redis_url, monkeypatch
):
    """Promotion and rollback request one publish for each, and new analyses of the sessions."""
    monkeypatch.setenv("PUSHOFF_REDIS_URL", redis_url)
    monkeypatch.setenv("PUSHOFF_BACKEND_URL", BACKEND)
    done = pushoff("models", "rollback")
    assert (0, "") == (done.code, done.err) and "projects: 3, 8" in done.out
    analyses, *jobs = JobQueue(connect(redis_url), "k" * 32).jobs.rq_queue("fast").jobs
    assert analyses.func_name == "worker.jobs.refresh_analyses"
    assert [job.kwargs["project_id"] for job in jobs] == [3, 8]
    assert {job.kwargs["reason"] for job in jobs} == {f"rolled back to {versions[0]}"}


def test_a_backend_that_refuses_leaves_it_open_and_names_the_setting(
    pushoff, versions, champion, monkeypatch
):
    """The champion has changed; nobody is told that it serves."""
    with serve(lambda seen: Answer(status=401)) as backend:
        monkeypatch.setenv("PUSHOFF_BACKEND_URL", backend.url)
        monkeypatch.setenv("PUSHOFF_BACKEND_PASSWORD", "an-old-password")
        done = pushoff("models", "rollback")
    assert 0 == done.code and champion() == versions[0]
    *_, last = done.out.splitlines()
    assert "401" in last and "PUSHOFF_BACKEND_PASSWORD" in last and "serves again" not in last


def test_a_placeholder_of_a_token_does_not_hide_the_change(
    pushoff, versions, champion, redis_url, monkeypatch
):
    """The command would be repeated, and go two versions back."""
    monkeypatch.setenv("PUSHOFF_REDIS_URL", redis_url)
    monkeypatch.setenv("PUSHOFF_JOB_SECRET", "k" * 32)
    monkeypatch.setenv("PUSHOFF_LABEL_STUDIO_TOKEN", "change-me")
    done = pushoff("models", "rollback")
    assert 0 == done.code and champion() == versions[0]
    assert "PUSHOFF_LABEL_STUDIO_TOKEN" in done.err


def test_a_version_serves_again_only_when_the_backend_says_so(pushoff, versions, monkeypatch):
    """The command waits for the backend to swap."""
    answers = iter([versions[1], versions[1], versions[0]])

    def setup(seen: Seen) -> Answer:
        assert (seen.method, seen.path) == ("POST", "/setup")
        body = json.dumps({"model_version": next(answers)}).encode()
        return Answer(body, headers={"Content-Type": "application/json"})

    with serve(setup) as backend:
        monkeypatch.setenv("PUSHOFF_BACKEND_URL", backend.url)
        monkeypatch.setenv("PUSHOFF_BACKEND_PASSWORD", "a-good-password")
        done = pushoff("models", "rollback")
    assert next(answers, None) is None
    assert done.out.splitlines()[-1] == f"{versions[0]} serves again"
