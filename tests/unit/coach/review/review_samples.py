"""A session's view without files: an analysis, corrections, and the report after them."""

from collections.abc import Sequence

from pushoff.coach.corrections import Correction, RecordedCorrection
from pushoff.coach.session_report import SessionView, report_of
from pushoff.coach.sessions import CoachSession
from pushoff.events.analysis_result import VideoAnalysis
from tests.coach_sessions import LLR, reading

PUSHES = (60, 120, 190)


def analysis_of(
    pushes: tuple[int, ...] = PUSHES, feet: Sequence[float] = LLR, fps: int = 240
) -> VideoAnalysis:
    """260 frames."""
    return reading(pushes, tuple(feet), 260, fps)


def view_of(
    session: CoachSession, *corrections: Correction, analysis: VideoAnalysis | None = None
) -> SessionView:
    """The view after these corrections."""
    analysis = analysis or analysis_of()
    log = tuple(
        RecordedCorrection(number, one, "carla", f"2026-11-2{number}")
        for number, one in enumerate(corrections)
    )
    return SessionView(analysis, report_of(session, analysis, corrections), log)
