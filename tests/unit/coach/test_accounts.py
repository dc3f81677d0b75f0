"""pushoff/coach/accounts.py: who gets in, and that a stolen database lets nobody in."""

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


def test_whoever_signs_in_is_who_they_are(database, people):
    """Name and password give the account and a token that stands for it."""
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
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(database, people, name, password):
    """Nothing but None: nobody learns which of the two was wrong."""
    assert authenticate(database, name, password) is None


def test_neither_password_nor_token_is_in_the_file(database, people, tmp_path):
    """The file's bytes hold an Argon2id hash, and no password or token in any form we gave out."""
    _, token = authenticate(database, "carla", PASSWORD)
    raw = stored(tmp_path)
    assert b"$argon2id$" in raw
    assert PASSWORD.encode() not in raw
    assert token.encode() not in raw


def test_the_same_password_is_stored_differently(database, people, tmp_path):
    """Every hash has a salt of its own."""
    hashes = {bytes(one[:80]) for one in stored(tmp_path).split(b"$argon2id$")[1:]}
    assert len(hashes) >= len(people)


def test_a_disabled_account_is_out_at_once(database, people):
    """It cannot sign in, and whoever is signed in is not any more; enabled it can again."""
    _, token = authenticate(database, "carla", PASSWORD)
    disable(database, "carla")
    assert account_for_token(database, token) is None
    assert authenticate(database, "carla", PASSWORD) is None
    assert dict((one.name, off) for one, off in list_accounts(database))["carla"]
    disable(database, "carla", False)
    assert authenticate(database, "carla", PASSWORD)


def test_a_new_password_ends_every_sign_in_of_its_account_only(database, people):
    """Whoever knew the old password is out on every device; others stay."""
    tokens = [authenticate(database, "carla", PASSWORD)[1] for _ in range(2)]
    _, other = authenticate(database, "otto", PASSWORD)
    set_password(database, "carla", "another long password")
    assert [account_for_token(database, one) for one in tokens] == [None, None]
    assert account_for_token(database, other) == people["otto"]
    assert authenticate(database, "carla", PASSWORD) is None
    assert authenticate(database, "carla", "another long password")


def test_signing_out_ends_this_sign_in_only(database, people):
    """The other device stays signed in; every sign-in has a token of its own."""
    (_, here), (_, there) = (authenticate(database, "carla", PASSWORD) for _ in range(2))
    sign_out(database, here)
    assert account_for_token(database, here) is None
    assert account_for_token(database, there) == people["carla"]


def test_a_sign_in_unused_for_a_fortnight_is_over(database, people):
    """Only visits keep it alive."""
    _, token = authenticate(database, "carla", PASSWORD)
    with database.writing() as connection:
        connection.execute(update(LOGINS).values(seen_at="2026-01-01T00:00:00.000Z"))
    assert account_for_token(database, token) is None


@pytest.mark.parametrize(
    "password", ["", "x" * (MIN_PASSWORD_LENGTH - 1), "x" * (MAX_PASSWORD_LENGTH + 1)]
)
def test_a_password_of_unfit_length_is_refused_in_words(database, people, password):
    """The sentence says how long it must be, and not what was typed."""
    with pytest.raises(BadInput, match=f"{MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH}"):
        add_account(database, "new", Role.COACH, password)
    with pytest.raises(BadInput):
        set_password(database, "carla", password)


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * (MAX_NAME_LENGTH + 1)])
def test_a_name_nobody_can_type_is_refused(database, name):
    """Empty, unprintable and endless names make no account."""
    with pytest.raises(BadInput):
        add_account(database, name, Role.COACH, PASSWORD)
    assert list_accounts(database) == []


def test_a_name_is_given_once(database, people):
    """The second account of a name is refused and the first stays as it was."""
    with pytest.raises(BadInput, match="already"):
        add_account(database, "carla", Role.ADMIN, PASSWORD)
    assert authenticate(database, "carla", PASSWORD)[0].role is Role.COACH


def test_a_new_role_counts_at_once(database, people):
    """Whoever is signed in has it on the next visit."""
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
def test_an_unknown_account_is_named(database: Database, change):
    """The sentence says which name there is not."""
    with pytest.raises(BadInput, match="nobody"):
        change(database)
