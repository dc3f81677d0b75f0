"""pushoff/coach/api_tokens.py: tokens of people, kept as hashes."""

import sqlite3

import pytest
from sqlalchemy import update

from pushoff.coach.accounts import disable, set_password, set_role
from pushoff.coach.api_tokens import (
    MAX_TOKENS,
    PREFIX,
    Scope,
    account_for_api_token,
    create_token,
    list_tokens,
    revoke_token,
)
from pushoff.coach.database import API_TOKENS
from pushoff.errors import BadInput


@pytest.fixture
def carla(people):
    return people["carla"]


def created(database, account, *scopes, days=90):
    return create_token(database, account, "nightly script", scopes or {Scope.READ}, days)


def test_a_token_names_its_owner_and_scopes(database, carla):
    """What it was created with, and nothing more."""
    kept, token = created(database, carla, Scope.CORRECT, Scope.READ)
    assert account_for_api_token(database, token) == (carla, {Scope.READ, Scope.CORRECT})
    assert kept.scopes == (Scope.READ, Scope.CORRECT)
    _, reading = created(database, carla)
    assert account_for_api_token(database, reading) == (carla, {Scope.READ})


def test_the_database_holds_no_token(database, carla, tmp_path):
    """A stolen copy of it lets nobody in; nor does a log."""
    _, token = created(database, carla)
    database.close()
    with sqlite3.connect(tmp_path / "coach.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert token.removeprefix(PREFIX).encode() not in (tmp_path / "coach.db").read_bytes()


def test_a_token_has_256_random_bits(database, carla):
    """So that its hash may be fast; a prefix names it to programs that look for secrets."""
    tokens = {created(database, carla)[1] for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) == len(PREFIX) + 43 and token.startswith(PREFIX) for token in tokens)


@pytest.mark.parametrize("wrong", ["", "x", PREFIX, "\N{SNOWMAN}" * 400])
def test_other_texts_are_no_token(database, carla, wrong):
    """None, and no error."""
    created(database, carla)
    assert account_for_api_token(database, wrong) is None


def test_an_expired_token_is_refused(database, carla):
    """It is still listed, as expired."""
    _, token = created(database, carla)
    with database.writing() as connection:
        connection.execute(update(API_TOKENS).values(expires_at="2026-01-01T00:00:00.000Z"))
    assert account_for_api_token(database, token) is None
    assert [one.expired for one in list_tokens(database, carla)] == [True]


def test_a_revoked_token_is_refused_at_once(database, carla, people):
    """By its owner only, and once."""
    kept, token = created(database, carla)
    with pytest.raises(BadInput) as refused:
        revoke_token(database, people["root"], kept.token_id)
    assert refused.value.code == "no_such_token"
    assert account_for_api_token(database, token)
    revoke_token(database, carla, kept.token_id)
    assert account_for_api_token(database, token) is None
    with pytest.raises(BadInput):
        revoke_token(database, carla, kept.token_id)


def test_the_last_use_is_shown(database, carla):
    """None before the first."""
    _, token = created(database, carla)
    assert list_tokens(database, carla)[0].used_at is None
    account_for_api_token(database, token)
    used_at = list_tokens(database, carla)[0].used_at
    assert used_at
    account_for_api_token(database, token)
    assert list_tokens(database, carla)[0].used_at == used_at


@pytest.mark.parametrize("end", ["password", "disabled"])
def test_tokens_end_with_the_access_of_their_owner(database, carla, people, end):
    """A new password or a disabled account revokes them for good; those of others stay."""
    token, others = created(database, carla)[1], created(database, people["otto"])[1]
    if end == "password":
        set_password(database, "carla", "another good password")
    else:
        disable(database, "carla")
        disable(database, "carla", disabled=False)
    assert account_for_api_token(database, token) is None
    assert account_for_api_token(database, others)


def test_a_token_has_the_role_that_its_owner_has_now(database, carla):
    """A coach who becomes an annotator has no coach's token left."""
    from pushoff.coach.accounts import Role

    _, token = created(database, carla)
    set_role(database, "carla", Role.ANNOTATOR)
    account, _ = account_for_api_token(database, token)
    assert account.role is Role.ANNOTATOR


@pytest.mark.parametrize(
    ("name", "scopes", "days", "code"),
    [
        ("", {Scope.READ}, 90, "invalid_token_name"),
        ("x" * 81, {Scope.READ}, 90, "invalid_token_name"),
        ("a\nb", {Scope.READ}, 90, "invalid_token_name"),
        ("a", set(), 90, "no_scope"),
        ("a", {Scope.READ}, 0, "invalid_lifetime"),
        ("a", {Scope.READ}, 3650, "invalid_lifetime"),
    ],
)
def test_an_invalid_token_is_not_created(database, carla, name, scopes, days, code):
    """Each with its code."""
    with pytest.raises(BadInput) as refused:
        create_token(database, carla, name, scopes, days)
    assert refused.value.code == code
    assert list_tokens(database, carla) == []


def test_an_account_has_few_tokens(database, carla, people):
    """The limit is per account."""
    for _ in range(MAX_TOKENS):
        created(database, carla)
    with pytest.raises(BadInput) as refused:
        created(database, carla)
    assert refused.value.code == "too_many_tokens"
    assert created(database, people["otto"])
