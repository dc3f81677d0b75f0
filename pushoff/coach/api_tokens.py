"""Personal API tokens: a script acts as its owner, within the token's scopes, until it expires.

A token is 256 random bits and shown once; the database holds its SHA-256.
"""

import logging
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from sqlalchemy import delete, func, select, update
from sqlalchemy.engine import RowMapping

from pushoff.coach.accounts import Account, account_of_row, token_digest
from pushoff.coach.database import ACCOUNTS, API_TOKENS, Database
from pushoff.errors import BadInput
from pushoff.util.timestamps import ago, ahead, now

log = logging.getLogger(__name__)

PREFIX = "pushoff_"
"""Of every token, so that programs that look for leaked secrets recognise one."""
MAX_TOKENS = 20
"""Of one account."""
MAX_NAME_LENGTH = 80
LIFETIMES_DAYS = (30, 90, 365)
"""What a person can choose."""
_USED_RESOLUTION = timedelta(minutes=5)
"""How exactly the last use is stored: most requests only read the database."""


class Scope(str, Enum):
    """What a token may do of that which its owner may."""

    READ = "read"
    """Sessions, push-offs, reports and their files."""
    CORRECT = "correct"
    """Corrections and calibration."""


@dataclass(frozen=True)
class ApiToken:
    """What the account's page shows of a token. Times are those of `pushoff.util.timestamps`."""

    token_id: str
    name: str
    scopes: tuple[Scope, ...]
    created_at: str
    expires_at: str
    used_at: str | None
    """Within five minutes; None: never used."""
    expired: bool


def create_token(
    database: Database, account: Account, name: str, scopes: Collection[Scope], days: int
) -> tuple[ApiToken, str]:
    """A new token of the account that expires after `days` days: (its row, the token itself).

    The token is returned here and cannot be read again. Raises BadInput for an invalid name, no
    scope, another lifetime than LIFETIMES_DAYS, and for more than MAX_TOKENS.
    """
    name = name.strip()
    if not 1 <= len(name) <= MAX_NAME_LENGTH or not name.isprintable():
        raise BadInput(
            f"A token's name has 1 to {MAX_NAME_LENGTH} printable characters.",
            code="invalid_token_name",
        )
    if not scopes:
        raise BadInput("Choose at least one thing the token may do.", code="no_scope")
    if days not in LIFETIMES_DAYS:
        raise BadInput(f"A token lasts {LIFETIMES_DAYS} days, not {days}.", code="invalid_lifetime")
    token = PREFIX + secrets.token_urlsafe(32)
    row = {
        "id": secrets.token_hex(8),
        "token_sha256": token_digest(token),
        "account_id": account.account_id,
        "name": name,
        "scopes": " ".join(scope.value for scope in Scope if scope in scopes),
        "created_at": now(),
        "expires_at": ahead(timedelta(days=days)),
        "used_at": None,
    }
    own = API_TOKENS.c.account_id == account.account_id
    with database.writing() as connection:
        count = connection.execute(select(func.count()).select_from(API_TOKENS).where(own)).scalar()
        if (count or 0) >= MAX_TOKENS:
            raise BadInput(
                f"You have {MAX_TOKENS} tokens, the limit: revoke one you no longer use.",
                code="too_many_tokens",
            )
        connection.execute(API_TOKENS.insert().values(row))
    log.info("account %s created API token %s: %s", account.account_id, row["id"], row["scopes"])
    return _token_of_row(row), token


def list_tokens(database: Database, account: Account) -> list[ApiToken]:
    """The account's tokens, newest first, expired ones too."""
    query = select(API_TOKENS).where(API_TOKENS.c.account_id == account.account_id)
    with database.reading() as connection:
        rows = connection.execute(query.order_by(API_TOKENS.c.created_at.desc())).mappings().all()
    return [_token_of_row(row) for row in rows]


def revoke_token(database: Database, account: Account, token_id: str) -> None:
    """End one of the account's tokens at once. Raises BadInput where there is no such token."""
    this = (API_TOKENS.c.id == token_id, API_TOKENS.c.account_id == account.account_id)
    with database.writing() as connection:
        revoked = connection.execute(delete(API_TOKENS).where(*this)).rowcount
    if not revoked:
        raise BadInput("There is no such token: reload the page.", code="no_such_token")
    log.info("account %s revoked API token %s", account.account_id, token_id)


def account_for_api_token(
    database: Database, token: str
) -> tuple[Account, frozenset[Scope]] | None:
    """The owner and the scopes; None for a token that is unknown, revoked or expired, and for one
    of a disabled account."""
    this = API_TOKENS.c.token_sha256 == token_digest(token)
    columns = [API_TOKENS.c[name] for name in ("scopes", "expires_at", "used_at")]
    with database.reading() as connection:
        query = select(ACCOUNTS, *columns).join(API_TOKENS).where(this)
        row = connection.execute(query).mappings().first()
    if row is None or row["disabled"] or row["expires_at"] <= now():
        return None
    if (row["used_at"] or "") < ago(_USED_RESOLUTION):
        with database.writing() as connection:
            connection.execute(update(API_TOKENS).where(this).values(used_at=now()))
    return account_of_row(row), frozenset(map(Scope, row["scopes"].split()))


def _token_of_row(row: RowMapping | dict[str, str | None]) -> ApiToken:
    return ApiToken(
        token_id=str(row["id"]),
        name=str(row["name"]),
        scopes=tuple(map(Scope, str(row["scopes"]).split())),
        created_at=str(row["created_at"]),
        expires_at=str(row["expires_at"]),
        used_at=row["used_at"],
        expired=str(row["expires_at"]) <= now(),
    )
