"""Two sessions of an athlete side by side, aligned on a push-off of both."""

from typing import Any

from fastapi import APIRouter, Request, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.templating import page
from backend.errors import ApiError
from backend.state import AppState
from pushoff.coach.comparison import Comparison, Difference, compare
from pushoff.coach.session_queries import sessions_of_athlete
from pushoff.coach.session_report import SessionView, current_report
from pushoff.coach.sessions import (
    CoachSession,
    get_session,
)
from pushoff.errors import BadInput
from pushoff.report.presentation import film_strips, format_uncertain
from pushoff.video.preview import PREVIEW_FPS


def routes(state: AppState) -> APIRouter:
    """The page."""
    router = APIRouter()

    @router.get(f"{HOME}/compare")
    def side_by_side(request: Request, user: CurrentUser, a: str = "", b: str = "") -> Response:
        """`a` and `b` are session ids. Raises NoSuchSession, BadInput."""
        one, other = (get_session(state.database, each, user) for each in (a, b))
        together = sessions_of_athlete(state.database, user, one)
        if one.session_id == other.session_id:
            raise BadInput("Choose two different sessions.")
        if other.session_id not in {each.session_id for each in together}:
            raise ApiError(
                422, "not_comparable", "Only sessions of the same athlete can be compared."
            )
        found = [current_report(state.database, state.storage, each) for each in (one, other)]
        compared = compare(found[0].report, found[1].report)
        sides = [_side(*each) for each in zip("ab", (one, other), found, strict=True)]
        return page(
            request,
            "compare.html",
            sides=sides,
            pairs=compared.pairs,
            aligned=compared.aligned,
            empty=[side["letter"].upper() for side in sides if not side["strips"]],
            rows=_rows(compared),
            others=together,
            step_s=_step_s(found),
        )

    return router


def _side(letter: str, session: CoachSession, now: SessionView) -> dict[str, Any]:
    """One session's column: its video, and the film strip of each push-off of the drill."""
    report = now.report
    shown = film_strips(report)
    return {
        "letter": letter,
        "session": session,
        "report": report,
        "frames": report.frames,
        "rate": float(now.analysis.info.capture_rate),
        "preview_fps": PREVIEW_FPS,
        "strips": [shown[index] for index in report.sequence.drill],
    }


def _step_s(found: list[SessionView]) -> float | None:
    """Seconds of one step: a frame of the slower camera. None where a rate is not known."""
    if not all(now.report.time_trusted for now in found):
        return None
    return max(1 / float(now.analysis.info.capture_rate) for now in found)


def _rows(compared: Comparison) -> list[dict[str, str]]:
    """The table, in words."""
    rows = []
    for pair, after in zip(compared.pairs, compared.pairs[1:], strict=False):
        span = f"{pair.number} to {after.number}"
        rows += [
            _row(f"Interval {span}", pair.interval_s, "s"),
            _row(f"Distance {span}", pair.distance_m, "m"),
        ]
    rows += [
        _row("Cadence", compared.cadence_per_min, "steps a minute"),
        _row("Altogether", compared.total_m, "m"),
    ]
    return [row for row in rows if row]


def _row(name: str, one: Difference, unit: str) -> dict[str, str] | None:
    """None where neither session knows it."""
    if one.a is None and one.b is None:
        return None
    said = "no difference that could be told from the errors"
    if one.value is None:
        said = "not known in both"
    elif one.clear:
        said = f"{'+' if one.value > 0 else ''}{format_uncertain(one.value, one.uncertainty, unit)}"
    return {
        "name": name,
        "a": format_uncertain(one.a, one.a_uncertainty, unit),
        "b": format_uncertain(one.b, one.b_uncertainty, unit),
        "difference": said,
    }
