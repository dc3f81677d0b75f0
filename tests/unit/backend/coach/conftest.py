"""The coach's pages in this process: one application per module, or one per test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.app import create_app
from backend.coach.auth.session_auth import COOKIE, HOME, csrf_of
from pushoff.coach.accounts import Account, add_account, authenticate, list_accounts
from pushoff.coach.database import Database
from pushoff.services import Services
from pushoff.settings import Settings
from tests.coach_sessions import KeptRig, kept_rig
from tests.unit.backend.test_app import settings
from tests.unit.coach.conftest import PASSWORD, ROLES, add, peopled

__all__ = ["add", "peopled"]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """What the page's process opens."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path_factory.mktemp("page"),
        backend_password="canary-password",
        webhook_secret="canary-webhook",
        job_secret="canary-jobs",
    )
    opened = Services(settings)
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def accounts(services: Services) -> dict[str, Account]:
    """Two coaches, an annotator and an admin."""
    return {
        name: add_account(services.database, name, role, PASSWORD) for name, role in ROLES.items()
    }


@pytest.fixture(scope="module")
def signed_in(
    services: Services, accounts: dict[str, Account]
) -> Iterator[Callable[[str], httpx.Client]]:
    """`signed_in("carla")`: a client with her cookie and token; None for a stranger."""
    app = create_app(services.settings)
    opened: list[TestClient] = []

    def client(name: str | None) -> httpx.Client:
        made = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
        opened.append(made)
        if name is not None:
            found = authenticate(services.database, name, PASSWORD)
            assert found is not None
            made.cookies.set(COOKIE, found[1], path="/coach")
            made.headers["X-CSRF-Token"] = csrf_of(found[1])
        return made

    yield client
    for one in opened:
        one.close()


PAGE = {"Accept": "text/html"}


@pytest.fixture
def database(tmp_path: Path, peopled: Path) -> Iterator[Database]:
    """The page's own database, with carla, otto, anna and root in it."""
    shutil.copy(peopled, tmp_path / "coach.db")
    opened = Database(f"sqlite:///{tmp_path / 'coach.db'}")
    yield opened
    opened.close()


@pytest.fixture
def people(database: Database) -> dict[str, Account]:
    """Everybody by name."""
    return {account.name: account for account, _ in list_accounts(database)}


@pytest.fixture
def app(tmp_path: Path, database: Database) -> FastAPI:
    """The application on that database; Redis is nowhere."""
    return create_app(settings(tmp_path))


@pytest.fixture
def stranger(app: FastAPI) -> TestClient:
    """Nobody, with a browser."""
    return TestClient(app, headers=PAGE, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def visit(app: FastAPI, database: Database) -> Callable[[str], TestClient]:
    """`visit("carla")`: signed in, with the page's own proof for changes."""

    def come(name: str) -> TestClient:
        found = authenticate(database, name, PASSWORD)
        assert found
        client = TestClient(
            app,
            headers={**PAGE, "X-CSRF-Token": csrf_of(found[1])},
            follow_redirects=False,
            raise_server_exceptions=False,
        )
        client.cookies.set(COOKIE, found[1], path=HOME)
        return client

    return come


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptRig]:
    """The page over a folder of its own, to be filled with ready sessions."""
    with kept_rig(Path(tmp_path_factory.mktemp("kept"))) as rig:
        yield rig
