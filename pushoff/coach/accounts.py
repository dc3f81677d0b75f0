"""Who may sign in, and as what. Kept are Argon2id hashes of passwords and hashes of tokens."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update
from sqlalchemy.engine import RowMapping

from pushoff.coach.database import ACCOUNTS, LOGINS, Database, DuplicateRow
from pushoff.errors import BadInput
from pushoff.util.timestamps import ago, now

MIN_PASSWORD_LENGTH = 10
"""Characters; NIST SP 800-63B asks for eight at least and no rules of composition."""
MAX_PASSWORD_LENGTH = 200
MAX_NAME_LENGTH = 80
LOGIN_LIFETIME = timedelta(days=14)
"""Without a visit for so long one has to sign in again."""

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_hex(16))
"""Checked when there is no such account, so that both answers take as long."""


class Role(str, Enum):
    """What an account is for."""

    COACH = "coach"
    """Uploads sessions, and sees and corrects their own."""
    ANNOTATOR = "annotator"
    """Sees and corrects every session, uploads and deletes none."""
    ADMIN = "admin"
    """Everything, models and accounts too."""


@dataclass(frozen=True)
class Account:
    """One person who may sign in."""

    account_id: str
    name: str
    role: Role


def add_account(database: Database, name: str, role: Role, password: str) -> Account:
    """A new account. Raises BadInput when the name is taken or the password too short."""
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise BadInput(f"An account's name has 1 to {MAX_NAME_LENGTH} printable characters.")
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
        raise BadInput("There is an account with that name already.") from None
    return account


def set_password(database: Database, name: str, password: str) -> None:
    """A new password, and every sign-in of the account ended. Raises BadInput."""
    hashed = _hash(password)
    with database.writing() as connection:
        account_id = connection.execute(
            select(ACCOUNTS.c.id).where(ACCOUNTS.c.name == name)
        ).scalar()
        if account_id is None:
            raise BadInput(f"There is no account {name!r}.")
        connection.execute(
            update(ACCOUNTS).where(ACCOUNTS.c.id == account_id).values(password=hashed)
        )
        connection.execute(delete(LOGINS).where(LOGINS.c.account_id == account_id))


def disable(database: Database, name: str, disabled: bool = True) -> None:
    """Nobody signs in with it any more, and whoever is signed in is not. Raises BadInput."""
    whose = select(ACCOUNTS.c.id).where(ACCOUNTS.c.name == name).scalar_subquery()
    with database.writing() as connection:
        changed = connection.execute(
            update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(disabled=disabled)
        ).rowcount
        if disabled:
            connection.execute(delete(LOGINS).where(LOGINS.c.account_id == whose))
    if not changed:
        raise BadInput(f"There is no account {name!r}.")


def set_role(database: Database, name: str, role: Role) -> None:
    """What the account is for from now on; its sessions stay its own. Raises BadInput."""
    with database.writing() as connection:
        changed = connection.execute(
            update(ACCOUNTS).where(ACCOUNTS.c.name == name).values(role=Role(role).value)
        ).rowcount
    if not changed:
        raise BadInput(f"There is no account {name!r}.")


def list_accounts(database: Database) -> list[tuple[Account, bool]]:
    """Every account and whether it is disabled, by name."""
    with database.reading() as connection:
        rows = connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.name)).mappings().all()
    return [(_account(row), row["disabled"]) for row in rows]


def authenticate(database: Database, name: str, password: str) -> tuple[Account, str] | None:
    """(account, token for the cookie), or None when name or password is wrong."""
    with database.reading() as connection:
        row = (
            connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name.strip()))
            .mappings()
            .first()
        )
    known = row is not None and not row["disabled"]
    try:
        _HASHER.verify(row["password"] if known else _NOBODY, password[: MAX_PASSWORD_LENGTH + 1])
    except (VerificationError, InvalidHashError):
        return None
    if not known:
        return None
    token = secrets.token_urlsafe(32)
    login = {"token_sha256": _digest(token), "account_id": row["id"]}
    with database.writing() as connection:
        connection.execute(delete(LOGINS).where(LOGINS.c.seen_at < ago(LOGIN_LIFETIME)))
        connection.execute(LOGINS.insert().values(**login, created_at=now(), seen_at=now()))
    return _account(row), token


def account_for_token(database: Database, token: str) -> Account | None:
    """Whose token it is, None when it is nobody's or has not been used for long."""
    login = LOGINS.c.token_sha256 == _digest(token)
    wanted = select(ACCOUNTS, LOGINS.c.seen_at).join(LOGINS).where(login)
    with database.reading() as connection:
        row = connection.execute(wanted).mappings().first()
    if row is None or row["disabled"] or row["seen_at"] < ago(LOGIN_LIFETIME):
        return None
    if row["seen_at"] < ago(timedelta(hours=1)):
        with database.writing() as connection:
            connection.execute(update(LOGINS).where(login).values(seen_at=now()))
    return _account(row)


def sign_out(database: Database, token: str) -> None:
    """The token is worth nothing any more."""
    with database.writing() as connection:
        connection.execute(delete(LOGINS).where(LOGINS.c.token_sha256 == _digest(token)))


def _hash(password: str) -> str:
    if not MIN_PASSWORD_LENGTH <= len(password) <= MAX_PASSWORD_LENGTH:
        raise BadInput(f"A password has {MIN_PASSWORD_LENGTH} to {MAX_PASSWORD_LENGTH} characters.")
    return _HASHER.hash(password)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _account(row: RowMapping) -> Account:
    return Account(row["id"], row["name"], Role(row["role"]))
