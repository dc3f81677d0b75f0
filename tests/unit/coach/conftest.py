"""A database of its own for every test, with people in it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from pushoff.coach.accounts import Account, Role, add_account, list_accounts
from pushoff.coach.database import Database
from pushoff.coach.sessions import CoachSession, SessionDetails, create_session
from pushoff.values import Exercise

PASSWORD = "correct horse battery"


ROLES = {"carla": Role.COACH, "otto": Role.COACH, "anna": Role.ANNOTATOR, "root": Role.ADMIN}


@pytest.fixture(scope="session")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with everybody in it: hashing four passwords takes a second, once."""
    path = tmp_path_factory.mktemp("peopled") / "coach.db"
    made = Database(f"sqlite:///{path}")
    for name, role in ROLES.items():
        add_account(made, name, role, PASSWORD)
    made.close()
    return path


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An SQLite file, empty or with everybody in it when the test asks for `people`."""
    if "people" in request.fixturenames:
        shutil.copy(request.getfixturevalue("peopled"), tmp_path / "coach.db")
    opened = Database(f"sqlite:///{tmp_path / 'coach.db'}")
    yield opened
    opened.close()


@pytest.fixture
def people(database: Database) -> dict[str, Account]:
    """Two coaches, an annotator, an admin; each with PASSWORD."""
    return {account.name: account for account, _ in list_accounts(database)}


@pytest.fixture
def add(database: Database, people: dict[str, Account]) -> Callable[..., CoachSession]:
    """`add("carla", athlete="Ada")`: a session whose video is still to come."""

    def make(owner: str = "carla", **more: object) -> CoachSession:
        plain = {
            "athlete": "Ada",
            "exercise": Exercise.HOPS,
            "filmed_on": date(2026, 11, 20),
            "capture_fps": None,
            "filename": "hops.mp4",
            "size_bytes": 1000,
        }
        return create_session(
            database, people[owner], SessionDetails(**{**plain, **more}), consent=True
        )

    return make
