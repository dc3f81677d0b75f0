"""Checked sessions make the model that analyses the next video, without Label Studio."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.coach.review.checks import mark_checked, unlearnt
from pushoff.learning.features.feature_extractor import load_feature_extractor
from pushoff.learning.registry.registry import Registry
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.workflows.learn_from_sessions import learn_from_sessions
from pushoff.workflows.results import TrainingOutcome
from pushoff.workflows.steps.champion import load_champion
from tests.unit.learning.event_samples import known
from tests.unit.workflows.session_samples import coach, ready_session

EXTRACTOR, _ = load_feature_extractor("resnet18", "none", 32)


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    """MLflow's tables, which take seconds to create."""
    folder = tmp_path_factory.mktemp("registry")
    Registry(f"sqlite:///{folder / 'mlflow.db'}").champion()
    return folder / "mlflow.db"


@pytest.fixture
def services(database, tmp_path, redis_url) -> Iterator[Services]:
    """Without Label Studio; heads are fitted in two steps."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        mlflow_uri=f"sqlite:///{shutil.copy(database, tmp_path / 'mlflow.db')}",
        redis_url=redis_url,
        job_secret="k" * 32,
        weights="none",
        size_px=32,
        head_steps=2,
    )
    with open_services(settings) as opened:
        yield opened


def checked(services: Services, athlete: str, seed: int) -> str:
    """The id of a session that carla has checked."""
    session = ready_session(services, EXTRACTOR, known(4), athlete, seed=seed)
    mark_checked(services.database, session.session_id, coach(services))
    return session.session_id


def learn(services: Services) -> TrainingOutcome:
    return learn_from_sessions(services, "a test")


def test_a_first_model_learns_from_checked_sessions_and_serves(services):
    """Held out by athlete; promoted, and the sessions of earlier versions are to be analysed."""
    sessions = sorted(
        checked(services, athlete, seed) for seed, athlete in enumerate(("ana", "ben"))
    )
    assert unlearnt(services.database) == sessions
    outcome = learn(services)
    assert outcome.promoted and outcome.comparison.held_out_push_offs == 8
    champion = load_champion(services)
    assert champion.version == outcome.version and len(champion.model.trained_on) == 2
    assert champion.model.card.scorecard.split_by == "athlete"
    progress = services.registry.champion().progress
    assert (progress.checked_sessions, progress.new_sessions) == (2, 2)
    assert unlearnt(services.database) == []
    waiting = [job.func_name for job in services.queue.jobs.rq_queue("fast").jobs]
    assert waiting == ["worker.jobs.refresh_analyses"]


def test_what_was_learnt_is_not_fitted_again(services):
    """The champion knows these sessions; one more is new."""
    for seed, athlete in enumerate(("ana", "ben")):
        checked(services, athlete, seed)
    first = learn(services)
    again = learn(services)
    assert again.version is None and "no change" in again.decision
    checked(services, "cleo", 3)
    assert learn(services).version not in (None, first.version)
    newest = services.registry.versions()[0]
    assert (newest.progress.checked_sessions, newest.progress.new_sessions) == (3, 1)


def test_too_few_labels_are_an_outcome(services):
    """Nothing was checked; the sessions do not stay due for ever."""
    outcome = learn(services)
    assert (outcome.version, outcome.promoted) == (None, False)
