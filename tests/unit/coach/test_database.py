"""pushoff/coach/database.py: one file, several processes, and a refusal in words."""

import multiprocessing
import sqlite3

import pytest

from pushoff.coach.accounts import Role, add_account, list_accounts
from pushoff.coach.database import ACCOUNTS, VERSION, Database, DuplicateRow
from pushoff.errors import SettingWrong, StorageFailed


def _write(url: str, prefix: str, count: int) -> None:
    database = Database(url)
    for number in range(count):
        add_account(database, f"{prefix}-{number}", Role.COACH, "correct horse battery")
    database.close()


def test_two_processes_write_at_once(tmp_path):
    """Each waits for the other: nothing is lost and nothing fails, the tables are made once."""
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


def test_reading_waits_for_no_writer(database, people):
    """A list is shown while somebody else's transaction is open, as it was before it."""
    with database.writing() as connection:
        connection.execute(ACCOUNTS.delete())
        assert len(list_accounts(database)) == 4
    assert list_accounts(database) == []


def test_half_a_change_is_none(database, people):
    """What fails in the middle leaves everything as it was."""
    with pytest.raises(RuntimeError), database.writing() as connection:
        connection.execute(ACCOUNTS.delete())
        raise RuntimeError
    assert len(list_accounts(database)) == 4


def test_what_was_written_is_there_after_opening_again(tmp_path):
    """The file is the truth, not the process."""
    url = f"sqlite:///{tmp_path / 'deep' / 'down' / 'coach.db'}"
    _write(url, "a", 1)
    database = Database(url)
    assert [one.name for one, _ in list_accounts(database)] == ["a-0"]
    database.close()


def test_tables_of_another_version_are_refused(tmp_path):
    """Both versions are named, and nothing is changed."""
    path = tmp_path / "coach.db"
    Database(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as raw:
        raw.execute("update pushoff_meta set version = 7")
    with pytest.raises(StorageFailed, match=rf"version 7.*version {VERSION}"):
        Database(f"sqlite:///{path}")
    with sqlite3.connect(path) as raw:
        assert raw.execute("select version from pushoff_meta").fetchone() == (7,)


def test_a_file_that_is_no_database_is_told(tmp_path):
    """The sentence has no path and no bytes of the file in it."""
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
def test_a_malformed_address_is_refused_without_its_password(url):
    """The setting is named; what was in it is not repeated."""
    with pytest.raises((SettingWrong, StorageFailed)) as refused:
        Database(url)
    assert "hunter2" not in str(refused.value)
    assert "DATABASE_URL" in str(refused.value)


def test_what_must_be_unique_is_said(database, people):
    """A second row of the same name is Taken, without the row's values."""
    row = {"id": "0" * 16, "name": "carla", "role": "coach", "password": "x", "created_at": "now"}
    with pytest.raises(DuplicateRow) as refused, database.writing() as connection:
        connection.execute(ACCOUNTS.insert().values(**row, disabled=False))
    assert "carla" not in str(refused.value)


def test_the_file_is_for_its_owner_alone(tmp_path):
    """Nobody else on the machine reads names and hashes, in the file or in those beside it."""
    path = tmp_path / "coach.db"
    path.touch(mode=0o644)
    database = Database(f"sqlite:///{path}")
    with database.writing():
        modes = [one.stat().st_mode & 0o777 for one in tmp_path.glob("coach.db*")]
    database.close()
    assert set(modes) == {0o600}
