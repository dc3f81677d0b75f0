"""Two sessions of an athlete side by side, aligned on a push-off of both."""

from typing import Any

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.comparison import Comparison, Difference, compare
from pushoff.coach.session_queries import sessions_of_athlete
from pushoff.coach.session_report import SessionView, current_report
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.errors import BadInput
from pushoff.report.film_strips import film_strips
from pushoff.report.presentation import format_uncertain
from pushoff.video.preview import PREVIEW_FPS


def routes(state: AppState) -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get(f"{HOME}/compare")
    def show(request: Request, user: CurrentUser, a: str = "", b: str = "") -> Response:
        """`a` and `b` are session ids. Raises NoSuchSession, BadInput."""
        sessions = [get_session(state.database, session_id, user) for session_id in (a, b)]
        first, second = sessions
        choices = sessions_of_athlete(state.database, user, first)
        if first.session_id == second.session_id:
            raise BadInput("Choose two different sessions.", code="same_session")
        if second.session_id not in {session.session_id for session in choices}:
            raise ApiError(
                422, "not_comparable", "Only sessions of the same athlete can be compared."
            )
        views = [current_report(state.database, state.storage, session) for session in sessions]
        comparison = compare(views[0].report, views[1].report)
        sides = [_side(*side) for side in zip("ab", sessions, views, strict=True)]
        return state.pages.render(
            request,
            "compare.html",
            sides=sides,
            pairs=comparison.pairs,
            aligned=comparison.aligned,
            empty=[side["letter"].upper() for side in sides if not side["strips"]],
            rows=_rows(comparison),
            choices=choices,
            step_s=_step_s(views),
        )

    return router


def _side(letter: str, session: CoachSession, view: SessionView) -> dict[str, Any]:
    """One session's column: its video, and a film strip for each measured push-off."""
    report = view.report
    strips = film_strips(report)
    return {
        "letter": letter,
        "session": session,
        "report": report,
        "frames": report.frames,
        "rate": float(view.analysis.info.capture_rate),
        "preview_fps": PREVIEW_FPS,
        "strips": [strips[index] for index in report.sequence.measured],
    }


def _step_s(views: list[SessionView]) -> float | None:
    """Seconds of one step: a frame of the slower camera. None if a capture rate is unknown."""
    if not all(view.report.time_trusted for view in views):
        return None
    return max(1 / float(view.analysis.info.capture_rate) for view in views)


def _rows(comparison: Comparison) -> list[dict[str, str]]:
    """The rows of the table."""
    rows = []
    for pair, following in zip(comparison.pairs, comparison.pairs[1:], strict=False):
        span = f"{pair.number} to {following.number}"
        rows += [
            _row(f"Interval {span}", pair.interval_s, "s"),
            _row(f"Distance {span}", pair.distance_m, "m"),
        ]
    rows += [
        _row("Cadence", comparison.cadence_per_min, "steps per minute"),
        _row("Total", comparison.total_m, "m"),
    ]
    return [row for row in rows if row]


def _row(name: str, values: Difference, unit: str) -> dict[str, str] | None:
    """None if the quantity is unknown in both sessions."""
    if values.a is None and values.b is None:
        return None
    difference = "within measurement error"
    if values.value is None:
        difference = "unknown in one of the sessions"
    elif values.clear:
        sign = "+" if values.value > 0 else ""
        difference = f"{sign}{format_uncertain(values.value, values.uncertainty, unit)}"
    return {
        "name": name,
        "a": format_uncertain(values.a, values.a_uncertainty, unit),
        "b": format_uncertain(values.b, values.b_uncertainty, unit),
        "difference": difference,
    }
