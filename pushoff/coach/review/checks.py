"""Checked sessions: somebody has looked at the whole video, so that its push-offs are truth."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update

from pushoff.coach.accounts import Account
from pushoff.coach.database import ACCOUNTS, CORRECTIONS, SESSIONS, Database
from pushoff.coach.sessions import CoachSession, State, not_deleted, session_of_row
from pushoff.errors import BadInput
from pushoff.events.report import SessionReport
from pushoff.util.ids import check_session_id
from pushoff.util.timestamps import now


@dataclass(frozen=True)
class Check:
    """Who checked a session, and when."""

    by: str
    """Name of the account."""
    at: str


def require_decided(report: SessionReport) -> None:
    """Raise BadInput while a possible push-off is neither confirmed nor deleted."""
    possible = [report.labels[index] for index in report.sequence.possible]
    if possible:
        raise BadInput(
            f"{', '.join(possible)} {'is' if len(possible) == 1 else 'are'} only possible: confirm "
            "or delete each of them first.",
            code="possible_push_offs",
        )


def mark_checked(database: Database, session_id: str, account: Account) -> None:
    """Record that the account has checked the whole video."""
    _set(database, session_id, checked_at=now(), checked_by=account.account_id)


def unmark_checked(database: Database, session_id: str) -> None:
    """Take the check back; the corrections stay."""
    _set(database, session_id, checked_at=None, checked_by=None)


def check_of(database: Database, session_id: str) -> Check | None:
    """The session's check; None where nobody has checked it."""
    query = (
        select(ACCOUNTS.c.name, SESSIONS.c.checked_at)
        .join(ACCOUNTS, ACCOUNTS.c.id == SESSIONS.c.checked_by)
        .where(SESSIONS.c.id == check_session_id(session_id), SESSIONS.c.checked_at.is_not(None))
    )
    with database.reading() as connection:
        row = connection.execute(query).first()
    return Check(*row) if row else None


def checked_sessions(database: Database, video_id: str | None = None) -> list[CoachSession]:
    """The checked sessions of all coaches, the one checked first at the front.

    `video_id`: only those with this video.
    """
    checked: ColumnElement[bool] = SESSIONS.c.checked_at.is_not(None)
    if video_id is not None:
        checked = and_(checked, SESSIONS.c.video_id == video_id)
    return _sessions(database, checked)


def corrected_sessions(database: Database) -> list[CoachSession]:
    """The sessions with active corrections that nobody checked as a whole."""
    return _sessions(database, and_(SESSIONS.c.checked_at.is_(None), has_corrections()))


def has_corrections() -> ColumnElement[bool]:
    """SQL condition: the session has a correction that is not undone."""
    active = and_(CORRECTIONS.c.session_id == SESSIONS.c.id, CORRECTIONS.c.undone_at.is_(None))
    return exists().where(active)


def unlearnt(database: Database) -> list[str]:
    """Ids of checked sessions that no training has learnt from since they were last changed."""
    changed_at = func.coalesce(CORRECTIONS.c.undone_at, CORRECTIONS.c.at)
    since = SESSIONS.c.learnt_at
    due = or_(since.is_(None), SESSIONS.c.checked_at >= since, changed_at >= since)
    query = (
        select(SESSIONS.c.id)
        .outerjoin(CORRECTIONS)
        .where(due, not_deleted(), SESSIONS.c.checked_at.is_not(None))
    )
    with database.reading() as connection:
        return sorted(connection.execute(query.distinct()).scalars())


def mark_learnt(database: Database, session_ids: Collection[str], moment: str) -> None:
    """Record that a training that began at `moment` has learnt from these sessions."""
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS).where(SESSIONS.c.id.in_(sorted(session_ids))).values(learnt_at=moment)
        )


def _sessions(database: Database, condition: ColumnElement[bool]) -> list[CoachSession]:
    """Those that are ready, by the time of the check, then as they were created."""
    ready = SESSIONS.c.state == State.READY.value
    query = (
        select(SESSIONS)
        .where(condition, ready, not_deleted())
        .order_by(SESSIONS.c.checked_at, SESSIONS.c.created_at, SESSIONS.c.id)
    )
    with database.reading() as connection:
        return [session_of_row(row) for row in connection.execute(query).mappings()]


def _set(database: Database, session_id: str, **values: str | None) -> None:
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS).where(SESSIONS.c.id == check_session_id(session_id)).values(values)
        )
