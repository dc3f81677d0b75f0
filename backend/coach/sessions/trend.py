"""The trend of an athlete's exercise over time: charts with error bars, and a table."""

import logging
from typing import Any

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.templating import EXERCISES
from backend.state import AppState
from pushoff.coach.session_queries import sessions_of_athlete
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.coach.trend import TrendEntry, TrendSeries, trend
from pushoff.errors import BadInput, StorageFailed
from pushoff.report.error_bars import ErrorBar, ErrorBarChart, draw_error_bars
from pushoff.report.presentation import format_uncertain
from pushoff.values import Exercise

log = logging.getLogger(__name__)

MAX_SESSIONS = 100
"""The newest ones; each report takes some milliseconds."""


def routes(state: AppState) -> APIRouter:
    """The page. The URL names one of the athlete's sessions, so it contains no name."""
    router = APIRouter()

    @router.get(f"{HOME}/sessions/{{session_id}}/trend")
    def show(request: Request, session_id: str, user: CurrentUser, exercise: str = "") -> Response:
        """Of the session's exercise, or of another one of the athlete."""
        session = get_session(state.database, session_id, user)
        sessions = sessions_of_athlete(state.database, user, session)
        exercises = {other.details.exercise for other in sessions}
        chosen = _parse_exercise(exercise) if exercise else session.details.exercise
        matching = [other for other in sessions if other.details.exercise is chosen][:MAX_SESSIONS]
        entries = _entries(state, matching)
        series = trend(entries)
        return state.pages.render(
            request,
            "trend.html",
            session=session,
            chosen=chosen,
            choices=[choice for choice in EXERCISES if choice in exercises] or [chosen],
            charts=[_chart(quantity, session.session_id) for quantity in series],
            rows=_rows(entries, series),
            series=series,
            left_out=len(matching) - len(entries),
        )

    return router


def _parse_exercise(value: str) -> Exercise:
    try:
        return Exercise(value)
    except ValueError:
        raise BadInput(
            f"{value[:40]!r} is not an exercise.",
            code="invalid_exercise",
            remedy="Choose one from the list.",
        ) from None


def _entries(state: AppState, sessions: list[CoachSession]) -> list[TrendEntry]:
    """Ordered by date; sessions whose report cannot be made are left out and logged."""
    entries = []
    for session in sessions:
        try:
            report = current_report(state.database, state.storage, session).report
        except (BadInput, StorageFailed) as error:
            log.warning(
                "session %s is left out of the trend: %s", session.session_id, type(error).__name__
            )
            continue
        entries.append(TrendEntry(session.session_id, session.details.filmed_on, report))
    return sorted(entries, key=lambda entry: (entry.filmed_on, entry.session_id))


def _chart(quantity: TrendSeries, session_id: str) -> ErrorBarChart:
    """One standard deviation in each direction; the session of the page is highlighted."""
    return draw_error_bars(
        [
            ErrorBar(
                point.filmed_on.toordinal(),
                point.value,
                point.value - point.uncertainty,
                point.value + point.uncertainty,
                f"{point.filmed_on}: "
                + format_uncertain(point.value, point.uncertainty, quantity.unit),
                highlighted=point.session_id == session_id,
            )
            for point in quantity.points
        ]
    )


def _rows(entries: list[TrendEntry], series: tuple[TrendSeries, ...]) -> list[dict[str, Any]]:
    """A row for each session, a cell for each series."""
    points = [{point.session_id: point for point in quantity.points} for quantity in series]
    rows = []
    for entry in entries:
        cells = []
        for quantity, by_session in zip(series, points, strict=True):
            point = by_session.get(entry.session_id)
            cells.append(
                format_uncertain(point.value, point.uncertainty, quantity.unit)
                if point
                else "unknown"
            )
        rows.append({"entry": entry, "cells": cells})
    return rows
