"""Sessions that an earlier version of the model analysed, and what replaces their analysis."""

from collections.abc import Callable

from sqlalchemy import and_, func, select, update

from pushoff.coach.database import SESSIONS, Database
from pushoff.coach.review.checks import has_corrections
from pushoff.coach.sessions import CoachSession, State, not_deleted, session_of_row
from pushoff.util.ids import check_session_id


def sessions_behind(database: Database, version: str) -> list[CoachSession]:
    """The ready sessions of which nothing is known by `version`, the newest first."""
    where = and_(
        not_deleted(),
        SESSIONS.c.state == State.READY.value,
        SESSIONS.c.video_id.is_not(None),
        func.coalesce(SESSIONS.c.model_version, "") != version,
        func.coalesce(SESSIONS.c.newer_version, "") != version,
    )
    query = select(SESSIONS).where(where).order_by(SESSIONS.c.created_at.desc(), SESSIONS.c.id)
    with database.reading() as connection:
        return [session_of_row(row) for row in connection.execute(query).mappings()]


def replace_unless_touched(
    database: Database, session_id: str, save: Callable[[], None], **values: object
) -> bool:
    """Call `save` and set columns, unless somebody corrected or checked the session; returns
    whether it was done.

    Nobody can correct or check it in between. A session deleted meanwhile is left alone.
    """
    untouched = and_(
        SESSIONS.c.id == check_session_id(session_id),
        SESSIONS.c.state == State.READY.value,
        SESSIONS.c.checked_at.is_(None),
        not_deleted(),
        ~has_corrections(),
    )
    with database.writing() as connection:
        # the first statement of the transaction takes the lock, in PostgreSQL of this row
        done = connection.execute(update(SESSIONS).where(untouched).values(values)).rowcount == 1
        if done:
            save()
    return done
