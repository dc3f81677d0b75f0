"""Sessions that are to be deleted: hidden at once, deleted everywhere by a job of the worker."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from pushoff.coach.database import SESSIONS, Database
from pushoff.util.ids import check_session_id
from pushoff.util.timestamps import ago, now


@dataclass(frozen=True)
class PendingDeletion:
    """A hidden session that still has to be deleted."""

    session_id: str
    video_id: str | None
    """Its video in `storage`; None if it was never analysed."""


def soft_delete(database: Database, session_id: str) -> None:
    """Hide a session from everybody. A second call keeps the first time."""
    this = SESSIONS.c.id == check_session_id(session_id)
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS).where(this, SESSIONS.c.deleted_at.is_(None)).values(deleted_at=now())
        )


def soft_delete_older_than(database: Database, days: int) -> None:
    """Hide every session that was created more than `days` days ago."""
    old = SESSIONS.c.created_at < ago(timedelta(days=days))
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS).where(old, SESSIONS.c.deleted_at.is_(None)).values(deleted_at=now())
        )


def pending_deletions(database: Database) -> list[PendingDeletion]:
    """The hidden sessions, the ones hidden first at the front."""
    query = select(SESSIONS.c.id, SESSIONS.c.video_id).where(SESSIONS.c.deleted_at.is_not(None))
    with database.reading() as connection:
        rows = connection.execute(query.order_by(SESSIONS.c.deleted_at)).all()
    return [PendingDeletion(*row) for row in rows]


def remove_session(database: Database, session_id: str) -> None:
    """Delete the row of a hidden session with its corrections: the last step of a deletion."""
    this = SESSIONS.c.id == check_session_id(session_id)
    with database.writing() as connection:
        connection.execute(delete(SESSIONS).where(this, SESSIONS.c.deleted_at.is_not(None)))
