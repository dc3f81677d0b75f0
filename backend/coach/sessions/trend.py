"""How an athlete's exercise goes over days: a chart with errors, and the same as a table."""

import logging
from typing import Any

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.templating import EXERCISES, page
from backend.state import AppState
from pushoff.coach.session_queries import sessions_of_athlete
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import (
    CoachSession,
    get_session,
)
from pushoff.coach.trend import TrendEntry, TrendSeries, trend
from pushoff.coach.trend_chart import draw_trend
from pushoff.errors import BadInput, StorageFailed
from pushoff.report.presentation import format_uncertain
from pushoff.values import Exercise

log = logging.getLogger(__name__)

MAX_SESSIONS = 100
"""Sessions on one page, the newest; each report takes some milliseconds."""


def routes(state: AppState) -> APIRouter:
    """The page. An athlete is named by one of their sessions: no name stands in an address."""
    router = APIRouter()

    @router.get(f"{HOME}/sessions/{{session_id}}/trend")
    def over_days(
        request: Request, session_id: str, user: CurrentUser, exercise: str = ""
    ) -> Response:
        """Of the session's exercise, or another one the athlete did."""
        session = get_session(state.database, session_id, user)
        every = sessions_of_athlete(state.database, user, session)
        done = [one for one in EXERCISES if any(one is s.details.exercise for s in every)]
        chosen = _chosen(exercise, session)
        fitting = [one for one in every if one.details.exercise is chosen][:MAX_SESSIONS]
        entries = _entries(state, fitting)
        series = trend(entries)
        return page(
            request,
            "trend.html",
            session=session,
            chosen=chosen,
            done=done or [chosen],
            charts=[(one, draw_trend(one)) for one in series],
            rows=_rows(entries, series),
            series=series,
            left_out=len(fitting) - len(entries),
        )

    return router


def _chosen(exercise: str, session: CoachSession) -> Exercise:
    if not exercise:
        return session.details.exercise
    if exercise not in {one.value for one in Exercise}:
        raise BadInput(f"{exercise[:40]!r} is no exercise: choose one of the list.")
    return Exercise(exercise)


def _entries(state: AppState, sessions: list[CoachSession]) -> list[TrendEntry]:
    entries = []
    for one in sessions:
        try:
            report = current_report(state.database, state.storage, one).report
        except (BadInput, StorageFailed) as error:
            log.warning("session %s is not in the trend: %s", one.session_id, type(error).__name__)
            continue
        entries.append(TrendEntry(one.session_id, one.details.filmed_on, report))
    return sorted(entries, key=lambda entry: (entry.filmed_on, entry.session_id))


def _rows(entries: list[TrendEntry], series: tuple[TrendSeries, ...]) -> list[dict[str, Any]]:
    """A row for each session, a cell for each series."""
    known = [{point.session_id: point for point in one.points} for one in series]
    rows = []
    for entry in entries:
        cells = []
        for one, points in zip(series, known, strict=True):
            point = points.get(entry.session_id)
            told_so = point and format_uncertain(point.value, point.uncertainty, one.unit)
            cells.append(told_so or "not known")
        rows.append({"entry": entry, "cells": cells})
    return rows
