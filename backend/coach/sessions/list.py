"""The list of sessions: search, filters, pages."""

from dataclasses import dataclass, replace
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.sessions.status import STAGES, session_statuses
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.database import Database
from pushoff.coach.session_queries import PAGE_SIZE, SessionFilter, list_sessions
from pushoff.coach.sessions import CoachSession, State
from pushoff.values import Exercise

Choice = TypeVar("Choice", Exercise, State)
IN_PROGRESS = (State.UPLOADING, State.WAITING, State.ANALYZING)
"""Sessions in these states are refreshed while the list is open."""


@dataclass(frozen=True)
class SessionPage:
    """One page of the list."""

    sessions: list[CoachSession]
    count: int
    """Of all pages together."""
    filters: SessionFilter
    """As requested; the page number is the last one if there are fewer pages."""

    @property
    def first(self) -> int:
        """Number of the first session on the page, counted from one."""
        return self.filters.page * PAGE_SIZE + 1

    @property
    def last(self) -> int:
        """Number of the last session on the page."""
        return self.first + len(self.sessions) - 1

    def url(self, offset: int) -> str | None:
        """URL of the page `offset` pages later; None if there is none."""
        number = self.filters.page + offset
        if not 0 <= number * PAGE_SIZE < max(self.count, 1):
            return None
        parameters = {
            "q": self.filters.text,
            "exercise": self.filters.exercise.value if self.filters.exercise else "",
            "state": self.filters.state.value if self.filters.state else "",
            "page_number": number or "",
        }
        query = urlencode({name: value for name, value in parameters.items() if value})
        return f"{HOME}?{query}" if query else HOME


def routes(state: AppState) -> APIRouter:
    """The list."""
    router = APIRouter()

    @router.get(HOME)
    def show(
        request: Request,
        user: CurrentUser,
        q: str = "",
        exercise: str = "",
        session_state: Annotated[str, Query(alias="state")] = "",
        page_number: str = "",
        deleted: str = "",
    ) -> Response:
        """The sessions the user may see, newest first; invalid filter values are ignored."""
        filters = SessionFilter(
            q.strip(),
            _enum_or_none(Exercise, exercise),
            _enum_or_none(State, session_state),
            int(page_number[:6]) if page_number.isdecimal() else 0,
        )
        session_page = _load_page(state.database, user, filters)
        return state.pages.render(
            request,
            "sessions.html",
            page=session_page,
            rows=session_statuses(state.queue, session_page.sessions),
            in_progress=[
                session.session_id
                for session in session_page.sessions
                if session.state in IN_PROGRESS
            ],
            filtered=bool(filters.text or filters.exercise or filters.state),
            deleted=bool(deleted),
            stages=STAGES,
        )

    return router


def _load_page(database: Database, user: Account, filters: SessionFilter) -> SessionPage:
    sessions, count = list_sessions(database, user, filters)
    if not sessions and count:
        filters = replace(filters, page=(count - 1) // PAGE_SIZE)
        sessions, count = list_sessions(database, user, filters)
    return SessionPage(sessions, count, filters)


def _enum_or_none(kind: type[Choice], value: str) -> Choice | None:
    return kind(value) if value in {member.value for member in kind} else None
