"""The list of sessions: search, filter, page by page."""

from dataclasses import dataclass, replace
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.sessions.status import STAGES, SessionStatus, session_status
from backend.coach.templating import page
from backend.state import AppState
from pushoff.coach.database import Database
from pushoff.coach.session_queries import PAGE_SIZE, SessionFilter, list_sessions
from pushoff.coach.sessions import CoachSession as Session
from pushoff.coach.sessions import (
    State,
)
from pushoff.errors import QueueUnavailable
from pushoff.values import Exercise

Choice = TypeVar("Choice", Exercise, State)
IN_PROGRESS = (State.UPLOADING, State.WAITING, State.ANALYZING)
"""What changes by itself, and is looked at again while the list is open."""


@dataclass(frozen=True)
class SessionPage:
    """One page of the list."""

    sessions: list[Session]
    count: int
    """Of all pages together."""
    wanted: SessionFilter
    """As asked, on the last page where there are fewer."""

    @property
    def first(self) -> int:
        """Number of the first session shown, from one."""
        return self.wanted.page * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """Number of the last session shown."""
        return self.first + len(self.sessions) - 1

    def address(self, step: int) -> str | None:
        """Of the page so many pages on, None when there is none."""
        number = self.wanted.page + step
        if not 0 <= number * PAGE_SIZE < max(self.count, 1):
            return None
        asked = {
            "q": self.wanted.text,
            "exercise": self.wanted.exercise.value if self.wanted.exercise else "",
            "state": self.wanted.state.value if self.wanted.state else "",
            "page_number": number or "",
        }
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"{HOME}?{query}" if query else HOME


def routes(state: AppState) -> APIRouter:
    """The list."""
    router = APIRouter()

    @router.get(HOME)
    def overview(
        request: Request,
        user: CurrentUser,
        q: str = "",
        exercise: str = "",
        chosen_state: Annotated[str, Query(alias="state")] = "",
        page_number: str = "",
        deleted: str = "",
    ) -> Response:
        """What the user may see, newest first; words nobody knows are passed over."""
        number = int(page_number[:6]) if page_number.isdecimal() else 0
        wanted = SessionFilter(
            q.strip(), _enum_or_none(Exercise, exercise), _enum_or_none(State, chosen_state), number
        )
        listed = _listed(state.database, user, wanted)
        return page(
            request,
            "overview.html",
            listed=listed,
            rows=_rows(state, listed.sessions),
            live=[one.session_id for one in listed.sessions if one.state in IN_PROGRESS],
            narrowed=bool(wanted.text or wanted.exercise or wanted.state),
            deleted=bool(deleted),
            states=list(State),
            stages=STAGES,
        )

    return router


def _rows(state: AppState, sessions: list[Session]) -> list[SessionStatus]:
    """How each stands; without the job queue, what the database knows."""
    try:
        queue = state.queue()
    except QueueUnavailable:
        return [SessionStatus(one) for one in sessions]
    return [session_status(queue, one) for one in sessions]


def _listed(database: Database, user: CurrentUser, wanted: SessionFilter) -> SessionPage:
    sessions, count = list_sessions(database, user, wanted)
    if not sessions and count:
        wanted = replace(wanted, page=(count - 1) // PAGE_SIZE)
        sessions, count = list_sessions(database, user, wanted)
    return SessionPage(sessions, count, wanted)


def _enum_or_none(kind: type[Choice], text: str) -> Choice | None:
    return kind(text) if text in {one.value for one in kind} else None
