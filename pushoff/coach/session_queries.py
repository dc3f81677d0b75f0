"""Queries for sessions: the filtered list, and those of a video, of an athlete, in a state."""

import unicodedata
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from pushoff.coach.accounts import Account
from pushoff.coach.database import SESSIONS, Database
from pushoff.coach.sessions import (
    MAX_ATHLETE_LENGTH,
    CoachSession,
    State,
    normalize_for_search,
    not_deleted,
    session_of_row,
    visible_to,
)
from pushoff.values import Exercise

PAGE_SIZE = 50
"""Sessions on one page of the list."""


@dataclass(frozen=True)
class SessionFilter:
    """The conditions of the list."""

    text: str = ""
    """Words; each must occur in the athlete's or the file's name, ignoring case and accents."""
    exercise: Exercise | None = None
    state: State | None = None
    page: int = 0


def list_sessions(
    database: Database, viewer: Account, filters: SessionFilter | None = None
) -> tuple[list[CoachSession], int]:
    """(one page of the sessions the viewer may see, newest first; the number of all of them)."""
    filters = filters or SessionFilter()
    where = and_(not_deleted(), visible_to(viewer), *_where(filters))
    newest_first = (SESSIONS.c.filmed_on, SESSIONS.c.created_at, SESSIONS.c.id)
    page = (
        select(SESSIONS)
        .where(where)
        .order_by(*(column.desc() for column in newest_first))
        .limit(PAGE_SIZE)
        .offset(PAGE_SIZE * max(filters.page, 0))
    )
    with database.reading() as connection:
        count = connection.execute(select(func.count()).select_from(SESSIONS).where(where)).scalar()
        rows = connection.execute(page).mappings().all()
    return [session_of_row(row) for row in rows], int(count or 0)


def sessions_of_video(database: Database, video_id: str) -> list[CoachSession]:
    """Every session with this video, of every coach."""
    query = select(SESSIONS).where(SESSIONS.c.video_id == video_id, not_deleted())
    with database.reading() as connection:
        return [session_of_row(row) for row in connection.execute(query).mappings()]


def sessions_of_athlete(
    database: Database, viewer: Account, session: CoachSession
) -> list[CoachSession]:
    """Ready sessions of the same athlete and coach, newest first, including the session itself.

    Real and synthetic videos are never mixed. Names are compared without case and extra spaces.
    """
    where = and_(
        not_deleted(),
        visible_to(viewer),
        SESSIONS.c.owner_id == session.owner_id,
        SESSIONS.c.footage == session.details.footage,
        SESSIONS.c.state == State.READY.value,
    )
    query = select(SESSIONS).where(where).order_by(SESSIONS.c.filmed_on.desc(), SESSIONS.c.id)
    with database.reading() as connection:
        sessions = [session_of_row(row) for row in connection.execute(query).mappings()]
    name = _normalize_name(session.details.athlete)
    return [other for other in sessions if _normalize_name(other.details.athlete) == name]


def sessions_in_state(database: Database, state: State) -> list[CoachSession]:
    """Every session in the state, of every coach, also those that are being deleted."""
    query = select(SESSIONS).where(SESSIONS.c.state == state.value)
    with database.reading() as connection:
        return [session_of_row(row) for row in connection.execute(query).mappings()]


def athletes_of(database: Database, viewer: Account) -> list[str]:
    """Names of the athletes in the viewer's own sessions, in order."""
    query = select(SESSIONS.c.athlete).distinct().where(SESSIONS.c.owner_id == viewer.account_id)
    with database.reading() as connection:
        return [str(name) for name in connection.execute(query.order_by("athlete")).scalars()]


def _where(filters: SessionFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        SESSIONS.c.search_text.contains(word, autoescape=True)
        for word in normalize_for_search(filters.text[:MAX_ATHLETE_LENGTH]).split()
    ]
    if filters.exercise:
        conditions.append(SESSIONS.c.exercise == filters.exercise.value)
    if filters.state:
        conditions.append(SESSIONS.c.state == filters.state.value)
    return conditions


def _normalize_name(athlete: str) -> str:
    """Without case and extra spaces. Accents count: Müller and Muller are two athletes."""
    return " ".join(unicodedata.normalize("NFC", athlete).casefold().split())
