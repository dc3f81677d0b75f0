"""Accounts and logins. The database holds Argon2id hashes of passwords and SHA-256 of tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.engine import RowMapping

from pushoff.coach.database import ACCOUNTS, API_TOKENS, LOGINS, Database, DuplicateRow
from pushoff.errors import BadInput
from pushoff.util.timestamps import ago, now

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_PASSWORD_LENGTH = 10
"""Characters. NIST SP 800-63B: at least eight, no composition rules."""
MAX_PASSWORD_LENGTH = 200
MAX_NAME_LENGTH = 80
LOGIN_LIFETIME = timedelta(days=14)
"""A login that has not been used for this long has expired."""
_SEEN_RESOLUTION = timedelta(hours=1)
"""How exactly the last use of a login is stored: most requests only read the database."""


class Role(str, Enum):
    """What an account may do."""

    COACH = "coach"
    """Upload sessions; see and correct their own."""
    ANNOTATOR = "annotator"
    """See and correct every session; upload and delete none."""
    ADMIN = "admin"
    """Everything, including models and accounts."""


@dataclass(frozen=True)
class Account:
    """A person who can sign in."""

    account_id: str
    name: str
    role: Role


def add_account(database: Database, name: str, role: Role, password: str) -> Account:
    """Create an account.

    Raises BadInput for a name that is taken, empty or too long, and for a password of the wrong
    length.
    """
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise BadInput(
            f"An account's name has 1 to {MAX_NAME_LENGTH} printable characters.",
            code="invalid_account_name",
        )
    account = Account(secrets.token_hex(8), name, Role(role))
    row = {
        "id": account.account_id,
        "name": name,
        "role": account.role.value,
        "password": _hash(password),
        "created_at": now(),
        "disabled": False,
    }
    try:
        with database.writing() as connection:
            connection.execute(ACCOUNTS.insert().values(row))
    except DuplicateRow:
        raise BadInput(
            f"An account named {name!r} already exists.", code="account_exists"
        ) from None
    return account


def set_password(database: Database, name: str, password: str) -> None:
    """Change the password, end every login of the account and revoke its API tokens.

    Raises BadInput.
    """
    hashed = _hash(password)
    with database.writing() as connection:
        account_id = connection.execute(
            select(ACCOUNTS.c.id).where(ACCOUNTS.c.name == name)
        ).scalar()
        if account_id is None:
            raise _no_account(name)
        connection.execute(
            update(ACCOUNTS).where(ACCOUNTS.c.id == account_id).values(password=hashed)
        )
        _end_access(connection, account_id)


def disable(database: Database, name: str, disabled: bool = True) -> None:
    """Disable an account, end its logins and revoke its API tokens, or enable it again.

    Raises BadInput.
    """
    account_id = select(ACCOUNTS.c.id).where(ACCOUNTS.c.name == name).scalar_subquery()
    with database.writing() as connection:
        changed = connection.execute(
            update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(disabled=disabled)
        ).rowcount
        if disabled:
            _end_access(connection, account_id)
    if not changed:
        raise _no_account(name)


def set_role(database: Database, name: str, role: Role) -> None:
    """Change an account's role; it keeps its sessions. Raises BadInput."""
    with database.writing() as connection:
        changed = connection.execute(
            update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(role=Role(role).value)
        ).rowcount
    if not changed:
        raise _no_account(name)


def list_accounts(database: Database) -> list[tuple[Account, bool]]:
    """Every account and whether it is disabled, ordered by name."""
    with database.reading() as connection:
        rows = connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.name)).mappings().all()
    return [(account_of_row(row), row["disabled"]) for row in rows]


def authenticate(database: Database, name: str, password: str) -> tuple[Account, str] | None:
    """Check a password and create a login: (account, token for the cookie); None as below."""
    account = check_password(database, name, password)
    if account is None:
        return None
    token = secrets.token_urlsafe(32)
    login = {"token_sha256": token_digest(token), "account_id": account.account_id}
    with database.writing() as connection:
        connection.execute(delete(LOGINS).where(LOGINS.c.seen_at < ago(LOGIN_LIFETIME)))
        connection.execute(LOGINS.insert().values(**login, created_at=now(), seen_at=now()))
    return account, token


def check_password(database: Database, name: str, password: str) -> Account | None:
    """The account, if the password is its own.

    None if the name or the password is wrong or the account is disabled. All three take equally
    long: an unknown name is checked against a dummy hash.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    with database.reading() as connection:
        row = (
            connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name.strip()))
            .mappings()
            .first()
        )
    if row is not None and row["disabled"]:
        row = None
    try:
        _hasher().verify(
            _dummy_hash() if row is None else row["password"], password[: MAX_PASSWORD_LENGTH + 1]
        )
    except (VerificationError, InvalidHashError):
        return None
    return None if row is None else account_of_row(row)


def account_for_token(database: Database, token: str) -> Account | None:
    """The account a token belongs to; None if the token is unknown or has expired."""
    login = LOGINS.c.token_sha256 == token_digest(token)
    query = select(ACCOUNTS, LOGINS.c.seen_at).join(LOGINS).where(login)
    with database.reading() as connection:
        row = connection.execute(query).mappings().first()
    if row is None or row["disabled"] or row["seen_at"] < ago(LOGIN_LIFETIME):
        return None
    if row["seen_at"] < ago(_SEEN_RESOLUTION):
        with database.writing() as connection:
            connection.execute(update(LOGINS).where(login).values(seen_at=now()))
    return account_of_row(row)


def sign_out(database: Database, token: str) -> None:
    """End the login of a token."""
    with database.writing() as connection:
        connection.execute(delete(LOGINS).where(LOGINS.c.token_sha256 == token_digest(token)))


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _dummy_hash() -> str:
    """The hash of a random password, made on first use: Argon2id takes 50 ms and 64 MiB."""
    return _hasher().hash(secrets.token_hex(16))


def _hash(password: str) -> str:
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise BadInput(
            f"A password must have {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters.",
            code="invalid_password",
        )
    return _hasher().hash(password)


def token_digest(token: str) -> str:
    """What is stored of a token: it has 256 random bits, so a fast hash cannot be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()


def _end_access(connection: Connection, account_id: Any) -> None:
    """Delete the logins and API tokens of an account; `account_id` may be a query."""
    for table in (LOGINS, API_TOKENS):
        connection.execute(delete(table).where(table.c.account_id == account_id))


def _no_account(name: str) -> BadInput:
    return BadInput(
        f"There is no account named {name!r}.",
        code="no_such_account",
        remedy="`pushoff account list` shows them all.",
    )


def account_of_row(row: RowMapping) -> Account:
    """A row of ACCOUNTS as a value."""
    return Account(row["id"], row["name"], Role(row["role"]))
