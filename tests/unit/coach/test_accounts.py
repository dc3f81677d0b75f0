"""pushoff/coach/accounts.py: accounts, passwords and logins."""

from pathlib import Path

import pytest
from sqlalchemy import update

from pushoff.coach.accounts import (
    MAX_NAME_LENGTH,
    MAX_PASSWORD_LENGTH,
    MIN_PASSWORD_LENGTH,
    Role,
    account_for_token,
    add_account,
    authenticate,
    disable,
    list_accounts,
    set_password,
    set_role,
    sign_out,
)
from pushoff.coach.database import LOGINS, Database
from pushoff.errors import BadInput
from tests.unit.coach.conftest import PASSWORD


def stored(folder: Path) -> bytes:
    """Every byte of the database's files."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("coach.db*")))


def test_authenticate_returns_the_account_and_a_token(database, people):
    """The token identifies the account."""
    account, token = authenticate(database, "carla", PASSWORD)
    assert account == people["carla"] == account_for_token(database, token)
    assert len(token) >= 40


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("carla", PASSWORD + "x"),
        ("carla", ""),
        ("nobody", PASSWORD),
        ("", ""),
        ("carla", "x" * 10_000),
        ("' OR 1=1 --", PASSWORD),
    ],
)
def test_a_wrong_name_and_a_wrong_password_give_the_same_result(database, people, name, password):
    """None in both cases, so names cannot be guessed."""
    assert authenticate(database, name, password) is None


def test_neither_password_nor_token_is_in_the_file(database, people, tmp_path):
    """The file has an Argon2id hash, and no password or token in any encoding."""
    _, token = authenticate(database, "carla", PASSWORD)
    raw = stored(tmp_path)
    assert b"$argon2id$" in raw
    assert PASSWORD.encode() not in raw
    assert token.encode() not in raw


def test_equal_passwords_have_different_hashes(database, people, tmp_path):
    """Every hash has its own salt."""
    hashes = {bytes(one[:80]) for one in stored(tmp_path).split(b"$argon2id$")[1:]}
    assert len(hashes) >= len(people)


def test_a_disabled_account_cannot_sign_in(database, people):
    """Its logins end at once; an enabled account can sign in again."""
    _, token = authenticate(database, "carla", PASSWORD)
    disable(database, "carla")
    assert account_for_token(database, token) is None
    assert authenticate(database, "carla", PASSWORD) is None
    assert dict((one.name, off) for one, off in list_accounts(database))["carla"]
    disable(database, "carla", False)
    assert authenticate(database, "carla", PASSWORD)


def test_a_new_password_ends_the_logins_of_its_account_only(database, people):
    """Logins on every device end; other accounts keep theirs."""
    tokens = [authenticate(database, "carla", PASSWORD)[1] for _ in range(2)]
    _, other = authenticate(database, "otto", PASSWORD)
    set_password(database, "carla", "another long password")
    assert [account_for_token(database, one) for one in tokens] == [None, None]
    assert account_for_token(database, other) == people["otto"]
    assert authenticate(database, "carla", PASSWORD) is None
    assert authenticate(database, "carla", "another long password")


def test_sign_out_ends_one_login_only(database, people):
    """Other devices have tokens of their own."""
    (_, here), (_, there) = (authenticate(database, "carla", PASSWORD) for _ in range(2))
    sign_out(database, here)
    assert account_for_token(database, here) is None
    assert account_for_token(database, there) == people["carla"]


def test_an_unused_login_expires(database, people):
    """Every use extends it."""
    _, token = authenticate(database, "carla", PASSWORD)
    with database.writing() as connection:
        connection.execute(update(LOGINS).values(seen_at="2026-01-01T00:00:00.000Z"))
    assert account_for_token(database, token) is None


@pytest.mark.parametrize(
    "password", ["", "x" * (MIN_PASSWORD_LENGTH - 1), "x" * (MAX_PASSWORD_LENGTH + 1)]
)
def test_a_password_of_the_wrong_length_is_refused(database, people, password):
    """The message does not repeat the password."""
    with pytest.raises(BadInput) as refused:
        add_account(database, "new", Role.COACH, password)
    assert refused.value.code == "invalid_password"
    assert not password or password not in str(refused.value)
    with pytest.raises(BadInput):
        set_password(database, "carla", password)


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * (MAX_NAME_LENGTH + 1)])
def test_an_invalid_account_name_is_refused(database, name):
    """Empty, unprintable and too long names."""
    with pytest.raises(BadInput):
        add_account(database, name, Role.COACH, PASSWORD)
    assert list_accounts(database) == []


def test_account_names_are_unique(database, people):
    """The second account of a name is refused; the first is unchanged."""
    with pytest.raises(BadInput) as refused:
        add_account(database, "carla", Role.ADMIN, PASSWORD)
    assert refused.value.code == "account_exists"
    assert authenticate(database, "carla", PASSWORD)[0].role is Role.COACH


def test_a_new_role_applies_to_existing_logins(database, people):
    """From the next request on."""
    _, token = authenticate(database, "otto", PASSWORD)
    set_role(database, "otto", Role.ANNOTATOR)
    assert account_for_token(database, token).role is Role.ANNOTATOR


@pytest.mark.parametrize(
    "change",
    [
        lambda at: set_password(at, "nobody", PASSWORD),
        lambda at: disable(at, "nobody"),
        lambda at: set_role(at, "nobody", Role.COACH),
    ],
)
def test_an_unknown_account_is_refused(database: Database, change):
    """Every change of an account checks its name."""
    with pytest.raises(BadInput) as refused:
        change(database)
    assert refused.value.code == "no_such_account"
