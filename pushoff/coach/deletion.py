"""Sessions somebody asked to delete: out of sight at once, gone when the worker has been there."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update

from pushoff.coach.database import SESSIONS, Database
from pushoff.util.ids import check_session_id
from pushoff.util.timestamps import ago, now


@dataclass(frozen=True)
class PendingDeletion:
    """What is left of a session that is being deleted."""

    session_id: str
    video_id: str | None
    """Its video in `storage`, None when it was never read."""


def soft_delete(database: Database, session_id: str) -> None:
    """Nobody sees it from now on. Twice is once; the first moment counts."""
    this = SESSIONS.c.id == check_session_id(session_id)
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS).where(this, SESSIONS.c.deleted_at.is_(None)).values(deleted_at=now())
        )


def soft_delete_older_than(database: Database, days: int) -> None:
    """Hide every session that came more than `days` days ago."""
    old = SESSIONS.c.created_at < ago(timedelta(days=days))
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS).where(old, SESSIONS.c.deleted_at.is_(None)).values(deleted_at=now())
        )


def pending_deletions(database: Database) -> list[PendingDeletion]:
    """Those that are out of sight and not yet gone, oldest first."""
    wanted = select(SESSIONS.c.id, SESSIONS.c.video_id).where(SESSIONS.c.deleted_at.is_not(None))
    with database.reading() as connection:
        rows = connection.execute(wanted.order_by(SESSIONS.c.deleted_at)).all()
    return [PendingDeletion(*row) for row in rows]


def remove_session(database: Database, session_id: str) -> None:
    """The row of a hidden session goes, with its corrections: the last step of forgetting it."""
    this = SESSIONS.c.id == check_session_id(session_id)
    with database.writing() as connection:
        connection.execute(delete(SESSIONS).where(this, SESSIONS.c.deleted_at.is_not(None)))
