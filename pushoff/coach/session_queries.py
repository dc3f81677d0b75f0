"""Sessions found: for the list, of a video, of an athlete, in a state."""

import unicodedata
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from pushoff.coach.accounts import Account
from pushoff.coach.database import SESSIONS, Database
from pushoff.coach.searching import normalize_for_search
from pushoff.coach.sessions import (
    MAX_ATHLETE_LENGTH,
    CoachSession,
    State,
    not_deleted,
    session_of_row,
    visible_to,
)
from pushoff.values import Exercise

PAGE_SIZE = 50
"""Sessions on one page of the list."""


@dataclass(frozen=True)
class SessionFilter:
    """What the list is narrowed to."""

    text: str = ""
    """Words, each part of the athlete's or the file's name; case and accents do not count."""
    exercise: Exercise | None = None
    state: State | None = None
    page: int = 0


def list_sessions(
    database: Database, viewer: Account, wanted: SessionFilter | None = None
) -> tuple[list[CoachSession], int]:
    """(one page of what the viewer may see, newest first; how many there are in all)."""
    wanted = wanted or SessionFilter()
    found = and_(not_deleted(), visible_to(viewer), *_narrowed(wanted))
    page = select(SESSIONS).where(found)
    newest_first = (SESSIONS.c.filmed_on, SESSIONS.c.created_at, SESSIONS.c.id)
    page = page.order_by(*(column.desc() for column in newest_first))
    page = page.limit(PAGE_SIZE).offset(PAGE_SIZE * max(wanted.page, 0))
    with database.reading() as connection:
        count = connection.execute(select(func.count()).select_from(SESSIONS).where(found)).scalar()
        rows = connection.execute(page).mappings().all()
    return [session_of_row(row) for row in rows], int(count or 0)


def sessions_of_video(database: Database, video_id: str) -> list[CoachSession]:
    """Every session that has this video, whoever owns it."""
    with database.reading() as connection:
        found = select(SESSIONS).where(SESSIONS.c.video_id == video_id, not_deleted())
        rows = connection.execute(found).mappings()
        return [session_of_row(row) for row in rows]


def sessions_of_athlete(
    database: Database, viewer: Account, session: CoachSession
) -> list[CoachSession]:
    """Ready sessions of the same coach's same athlete, newest first, the session itself too.

    Real and synthetic videos are never mixed. Names are the same but for case and spaces.
    """
    same = and_(
        visible_to(viewer),
        SESSIONS.c.owner_id == session.owner_id,
        SESSIONS.c.footage == session.details.footage,
        SESSIONS.c.state == State.READY.value,
    )
    ordered = select(SESSIONS).where(same).order_by(SESSIONS.c.filmed_on.desc(), SESSIONS.c.id)
    with database.reading() as connection:
        found = [session_of_row(row) for row in connection.execute(ordered).mappings()]
    name = _same(session.details.athlete)
    return [one for one in found if _same(one.details.athlete) == name]


def sessions_in_state(database: Database, state: State) -> list[CoachSession]:
    """Every session in that state, whoever owns it."""
    wanted = select(SESSIONS).where(SESSIONS.c.state == state.value)
    with database.reading() as connection:
        return [session_of_row(row) for row in connection.execute(wanted).mappings()]


def athletes_of(database: Database, viewer: Account) -> list[str]:
    """Names of the athletes of the viewer's own sessions, in order."""
    wanted = select(SESSIONS.c.athlete).distinct().where(SESSIONS.c.owner_id == viewer.account_id)
    with database.reading() as connection:
        return [str(name) for name in connection.execute(wanted.order_by("athlete")).scalars()]


def _narrowed(wanted: SessionFilter) -> list[ColumnElement[bool]]:
    found = []
    for word in normalize_for_search(wanted.text[:MAX_ATHLETE_LENGTH]).split():
        found.append(SESSIONS.c.search.contains(word, autoescape=True))
    if wanted.exercise:
        found.append(SESSIONS.c.exercise == wanted.exercise.value)
    if wanted.state:
        found.append(SESSIONS.c.state == wanted.state.value)
    return found


def _same(athlete: str) -> str:
    """One name however it was typed: case and spaces aside. Müller stays another than Muller."""
    return " ".join(unicodedata.normalize("NFC", athlete).casefold().split())
