"""The tick that a whole video is checked, over HTTP."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from backend.coach.sessions.check import enqueue_learning
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.review.checks import check_of, mark_checked
from pushoff.coach.session_files import load_analysis, save_analysis
from pushoff.coach.sessions import SessionDetails, State, change_session, create_session
from pushoff.services import Services
from pushoff.settings import Settings
from tests.analyzed_session import create_analyzed_session
from tests.unit.backend.coach.sessions.test_progress import session as plain_session

Client = Callable[[str | None], httpx.Client]


@pytest.mark.parametrize("who", ["carla", "anna"])
def test_a_session_is_checked_and_the_check_withdrawn(
    signed_in: Client, services: Services, accounts: dict[str, Account], who: str
) -> None:
    """By everybody who may correct it; the page shows it."""
    session = create_analyzed_session(services, accounts["carla"])
    at = f"/coach/sessions/{session.session_id}"
    client = signed_in(who)
    assert client.get(f"{at}/report.json").json()["checked_at"] is None
    assert client.post(f"{at}/check").json()["checked_at"]
    assert check_of(services.database, session.session_id).by == who
    assert client.delete(f"{at}/check").json()["checked_at"] is None
    assert check_of(services.database, session.session_id) is None


def test_a_stranger_s_session_cannot_be_checked(
    signed_in: Client, services: Services, accounts: dict[str, Account]
) -> None:
    """Nor seen."""
    session = create_analyzed_session(services, accounts["carla"])
    assert signed_in("otto").post(f"/coach/sessions/{session.session_id}/check").status_code == 404


def test_possible_push_offs_are_decided_first(
    signed_in: Client, services: Services, accounts: dict[str, Account]
) -> None:
    """The refusal names them."""
    session = create_analyzed_session(services, accounts["carla"])
    analysis = load_analysis(services.storage, session.session_id)
    first, *others = analysis.events
    doubtful = replace(analysis, events=(replace(first, probability=0.2), *others))
    save_analysis(services.storage, session.session_id, doubtful)
    answer = signed_in("carla").post(f"/coach/sessions/{session.session_id}/check")
    assert answer.json()["error"]["code"] == "possible_push_offs"
    assert check_of(services.database, session.session_id) is None


@pytest.fixture
def open_state(tmp_path: Path, redis_url: str) -> Iterator[Callable[..., AppState]]:
    """The state of a backend; a training is due after two checked sessions."""
    opened: list[AppState] = []

    def make(url: str = redis_url) -> AppState:
        settings = Settings(
            _env_file=None, data_dir=tmp_path, redis_url=url, job_secret="k" * 32, learn_every=2
        )
        opened.append(AppState(settings))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def check_one(state: AppState) -> None:
    from pushoff.coach.accounts import Role, add_account, list_accounts

    known = [account for account, _ in list_accounts(state.database)]
    coach = known[0] if known else add_account(state.database, "carla", Role.COACH, "correct horse")
    details: SessionDetails = plain_session().details
    session_id = create_session(state.database, coach, details, consent=True).session_id
    change_session(state.database, session_id, state=State.READY)
    mark_checked(state.database, session_id, coach)


def test_enough_checked_sessions_request_a_training(open_state: Callable[..., AppState]) -> None:
    """Once, however many more are checked while it waits."""
    state = open_state()
    jobs = state.queue().jobs.rq_queue("fast")
    check_one(state)
    enqueue_learning(state)
    assert not jobs.job_ids
    for _ in range(2):
        check_one(state)
        enqueue_learning(state)
    assert [job.func_name for job in jobs.jobs] == ["worker.jobs.learn_from_sessions"]


def test_without_a_queue_the_check_is_saved(
    open_state: Callable[..., AppState], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The nightly job learns from it."""
    state = open_state(f"unix://{tmp_path}/nowhere.sock")
    for _ in range(2):
        check_one(state)
    enqueue_learning(state)
    assert "at night" in caplog.text
