"""pushoff/coach/database.py: transactions, schema version, errors."""

import multiprocessing
import sqlite3

import pytest

from pushoff.coach.accounts import Role, add_account, list_accounts
from pushoff.coach.database import ACCOUNTS, Database, DuplicateRow
from pushoff.errors import SettingWrong, StorageFailed


def _write(url: str, prefix: str, count: int) -> None:
    database = Database(url)
    for number in range(count):
        add_account(database, f"{prefix}-{number}", Role.COACH, "correct horse battery")
    database.close()


def test_two_processes_write_at_once(tmp_path):
    """Each waits for the other: nothing is lost, and the tables are created once."""
    url = f"sqlite:///{tmp_path / 'coach.db'}"
    spawned = multiprocessing.get_context("spawn")
    writers = [spawned.Process(target=_write, args=(url, name, 6)) for name in "ab"]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
    assert [one.exitcode for one in writers] == [0, 0]
    database = Database(url)
    assert len(list_accounts(database)) == 12
    database.close()


def test_reading_does_not_wait_for_a_writer(database, people):
    """A list shows the state before an open transaction."""
    with database.writing() as connection:
        connection.execute(ACCOUNTS.delete())
        assert len(list_accounts(database)) == 4
    assert list_accounts(database) == []


def test_a_failed_transaction_changes_nothing(database, people):
    """It is rolled back as a whole."""
    with pytest.raises(RuntimeError), database.writing() as connection:
        connection.execute(ACCOUNTS.delete())
        raise RuntimeError
    assert len(list_accounts(database)) == 4


def test_rows_survive_reopening(tmp_path):
    """The file holds them."""
    url = f"sqlite:///{tmp_path / 'deep' / 'down' / 'coach.db'}"
    _write(url, "a", 1)
    database = Database(url)
    assert [one.name for one, _ in list_accounts(database)] == ["a-0"]
    database.close()


def test_tables_of_another_version_are_refused(tmp_path):
    """The error has a code and a remedy, and nothing is changed."""
    path = tmp_path / "coach.db"
    Database(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as raw:
        raw.execute("update pushoff_meta set version = 7")
    with pytest.raises(StorageFailed) as refused:
        Database(f"sqlite:///{path}")
    assert refused.value.code == "database_version"
    assert refused.value.remedy
    with sqlite3.connect(path) as raw:
        assert raw.execute("select version from pushoff_meta").fetchone() == (7,)


def test_a_file_that_is_not_a_database_is_refused(tmp_path):
    """The message has no path and no bytes of the file."""
    path = tmp_path / "coach.db"
    path.write_bytes(b"secret notes, no database at all " * 100)
    with pytest.raises(StorageFailed) as refused:
        Database(f"sqlite:///{path}")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no url",
        "postgresql+psycopg://coach:hunter2@host:notaport/name",
        "nosuch://coach:hunter2@host/x",
    ],
)
def test_an_invalid_url_is_refused_without_its_password(url):
    """The setting is named; its value is not repeated."""
    with pytest.raises((SettingWrong, StorageFailed)) as refused:
        Database(url)
    assert "hunter2" not in str(refused.value)
    assert "DATABASE_URL" in str(refused.value)


def test_a_duplicate_row_is_refused(database, people):
    """DuplicateRow, without the values of the row."""
    row = {"id": "0" * 16, "name": "carla", "role": "coach", "password": "x", "created_at": "now"}
    with pytest.raises(DuplicateRow) as refused, database.writing() as connection:
        connection.execute(ACCOUNTS.insert().values(**row, disabled=False))
    assert "carla" not in str(refused.value)


def test_the_file_is_readable_by_its_owner_only(tmp_path):
    """SQLite's side files too."""
    path = tmp_path / "coach.db"
    path.touch(mode=0o644)
    database = Database(f"sqlite:///{path}")
    with database.writing():
        modes = [one.stat().st_mode & 0o777 for one in tmp_path.glob("coach.db*")]
    database.close()
    assert set(modes) == {0o600}
