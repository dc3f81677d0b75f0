"""`pushoff account` on a data folder of its own."""

import pytest

from pushoff.coach.accounts import authenticate
from pushoff.coach.database import Database


@pytest.fixture
def signs_in(tmp_path):
    """`signs_in(name, password)`: whether they are accepted."""

    def check(name: str, password: str) -> bool:
        database = Database(f"sqlite:///{tmp_path / 'var/coach.db'}")
        try:
            return authenticate(database, name, password) is not None
        finally:
            database.close()

    return check


def test_a_generated_password_is_printed_once_and_works(pushoff, signs_in):
    """A new one replaces it; a disabled account cannot sign in until it is enabled."""
    first = pushoff("account", "add", "carla", "--generate").out.split()[-1]
    assert signs_in("carla", first)
    second = pushoff("account", "password", "carla", "--generate").out.split()[-1]
    assert signs_in("carla", second) and not signs_in("carla", first)
    pushoff("account", "disable", "carla")
    assert not signs_in("carla", second)
    listed = pushoff("account", "list").out
    assert listed.split() == ["carla", "coach", "disabled"]
    assert second not in listed
    pushoff("account", "enable", "carla")
    assert signs_in("carla", second)


def test_an_unknown_account_is_an_error(pushoff):
    """Nothing is created."""
    assert pushoff("account", "disable", "nobody").code != 0
    assert "account add" in pushoff("account", "list").out
