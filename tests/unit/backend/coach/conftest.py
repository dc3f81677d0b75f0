"""The coach's page in this process, over a folder and a database of the test's own."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from fastapi.testclient import TestClient

from backend.app import create_app
from backend.coach.door import COOKIE, csrf_of
from pushoff.coach.accounts import Account, Role, add_account, sign_in
from pushoff.services import Services
from pushoff.settings import Settings

PASSWORD = "correct horse battery"
PEOPLE = {"carla": Role.COACH, "otto": Role.COACH, "anna": Role.ANNOTATOR, "root": Role.ADMIN}


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
def people(services: Services) -> dict[str, Account]:
    """Two coaches, an annotator and an admin."""
    return {
        name: add_account(services.database, name, role, PASSWORD) for name, role in PEOPLE.items()
    }


@pytest.fixture(scope="module")
def signed_in(
    services: Services, people: dict[str, Account]
) -> Iterator[Callable[[str], httpx.Client]]:
    """`signed_in("carla")`: a client with her cookie and token; None for a stranger."""
    app = create_app(services.settings)
    opened: list[TestClient] = []

    def client(name: str | None) -> httpx.Client:
        made = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
        opened.append(made)
        if name is not None:
            found = sign_in(services.database, name, PASSWORD)
            assert found is not None
            made.cookies.set(COOKIE, found[1], path="/coach")
            made.headers["X-CSRF-Token"] = csrf_of(found[1])
        return made

    yield client
    for one in opened:
        one.close()
