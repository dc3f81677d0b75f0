"""The list of sessions: search, filter, page by page."""

from typing import TypeVar

from fastapi import APIRouter, Request, Response

from backend.coach.door import HOME, Visitor
from backend.coach.pages import page
from backend.coach.standing import standing
from backend.parts import Parts
from pushoff.coach.sessions import PAGE, State, Wanted, list_sessions
from pushoff.values import Exercise

Choice = TypeVar("Choice", Exercise, State)


def routes(parts: Parts) -> APIRouter:
    """The list."""
    router = APIRouter()

    @router.get(HOME)
    def overview(
        request: Request,
        visitor: Visitor,
        q: str = "",
        exercise: str = "",
        state: str = "",
        page_number: int = 0,
    ) -> Response:
        """What the visitor may see, newest first."""
        wanted = Wanted(q, _one(Exercise, exercise), _one(State, state), max(page_number, 0))
        sessions, count = list_sessions(parts.database, visitor, wanted)
        return page(
            request,
            "overview.html",
            rows=[standing(parts.queue(), one) for one in sessions],
            count=count,
            pages=-(-count // PAGE),
            wanted=wanted,
            states=list(State),
        )

    return router


def _one(kind: type[Choice], text: str) -> Choice | None:
    return kind(text) if text in {one.value for one in kind} else None
