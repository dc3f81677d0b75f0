"""Who wants mail, at which address, and which notifications were sent."""

import hashlib
from datetime import timedelta

from sqlalchemy import delete, select

from pushoff.coach.accounts import Account, Role
from pushoff.coach.database import ACCOUNTS, MAIL_ADDRESSES, SENT_NOTIFICATIONS, SESSIONS, Database
from pushoff.util.timestamps import ago, now

REMEMBERED = timedelta(days=90)
"""How long it is known that a notification was sent."""


def mail_address(database: Database, account: Account) -> str:
    """The address at which the account wants mail; empty: it wants none."""
    query = select(MAIL_ADDRESSES.c.address).where(
        MAIL_ADDRESSES.c.account_id == account.account_id
    )
    with database.reading() as connection:
        return str(connection.execute(query).scalar() or "")


def set_mail_address(database: Database, account: Account, address: str) -> None:
    """Set the account's address; empty: no mail any more. The caller has checked it."""
    row = {"account_id": account.account_id, "address": address}
    with database.writing() as connection:
        connection.execute(
            delete(MAIL_ADDRESSES).where(MAIL_ADDRESSES.c.account_id == account.account_id)
        )
        if address:
            connection.execute(MAIL_ADDRESSES.insert().values(row))


def owner_addresses(database: Database, session_id: str) -> list[str]:
    """The address of the session's coach; none for a deleted session or a disabled account."""
    query = (
        select(MAIL_ADDRESSES.c.address)
        .join(ACCOUNTS, ACCOUNTS.c.id == MAIL_ADDRESSES.c.account_id)
        .join(SESSIONS, SESSIONS.c.owner_id == ACCOUNTS.c.id)
        .where(SESSIONS.c.id == session_id, SESSIONS.c.deleted_at.is_(None))
        .where(ACCOUNTS.c.disabled.is_(False))
    )
    with database.reading() as connection:
        return [str(address) for address in connection.execute(query).scalars()]


def admin_addresses(database: Database) -> list[str]:
    """The addresses of all admins, in order."""
    query = (
        select(MAIL_ADDRESSES.c.address)
        .join(ACCOUNTS, ACCOUNTS.c.id == MAIL_ADDRESSES.c.account_id)
        .where(ACCOUNTS.c.role == Role.ADMIN.value, ACCOUNTS.c.disabled.is_(False))
        .order_by(ACCOUNTS.c.name)
    )
    with database.reading() as connection:
        return [str(address) for address in connection.execute(query).scalars()]


def was_sent(database: Database, key: str, receiver: str) -> bool:
    """Whether the notification `key` was sent to this address or webhook."""
    query = select(SENT_NOTIFICATIONS.c.key).where(
        SENT_NOTIFICATIONS.c.key == _digest(key, receiver)
    )
    with database.reading() as connection:
        return connection.execute(query).first() is not None


def mark_sent(database: Database, key: str, receiver: str) -> None:
    """Remember that it was sent, and forget those of long ago. A second call changes nothing."""
    row = {"key": _digest(key, receiver), "sent_at": now()}
    with database.writing() as connection:
        old = (SENT_NOTIFICATIONS.c.sent_at < ago(REMEMBERED)) | (
            SENT_NOTIFICATIONS.c.key == row["key"]
        )
        connection.execute(delete(SENT_NOTIFICATIONS).where(old))
        connection.execute(SENT_NOTIFICATIONS.insert().values(row))


def _digest(key: str, receiver: str) -> str:
    """So that the table holds no address."""
    return hashlib.sha256(b"\0".join([key.encode(), receiver.encode()])).hexdigest()
