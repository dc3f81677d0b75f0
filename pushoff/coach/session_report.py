"""The current report of a session: its analysis with corrections and calibration applied."""

from collections.abc import Sequence
from dataclasses import dataclass

from pushoff.coach.corrections import (
    Correction,
    RecordedCorrection,
    apply_corrections,
    correction_log,
)
from pushoff.coach.database import Database
from pushoff.coach.session_files import load_analysis
from pushoff.coach.sessions import CoachSession
from pushoff.events.analysis_result import VideoAnalysis, build_session_report
from pushoff.events.measure.calibration_file import parse_calibration
from pushoff.events.report import SessionReport
from pushoff.storage.object_store import Storage


@dataclass(frozen=True, eq=False)
class SessionView:
    """What a session's page shows."""

    analysis: VideoAnalysis
    report: SessionReport
    log: tuple[RecordedCorrection, ...]
    """Every correction, the undone ones too, oldest first."""
    newer: SessionReport | None = None
    """What a newer version of the model finds by itself; None where there is none."""
    disputed_frames: tuple[int, ...] = ()
    """Of push-offs that somebody else, who checked the same video, marks differently."""

    @property
    def corrections(self) -> tuple[RecordedCorrection, ...]:
        """The active corrections."""
        return tuple(entry for entry in self.log if not entry.undone)


def current_report(database: Database, storage: Storage, session: CoachSession) -> SessionView:
    """The report after every active correction. Raises BadInput if it is not analysed yet.

    A push-off that was added where a newer analysis sees no athlete is left out.
    """
    analysis = load_analysis(storage, session.session_id)
    log = tuple(correction_log(database, session.session_id))
    active = [entry.correction for entry in log if not entry.undone]
    return SessionView(analysis, report_of(session, analysis, active), log)


def report_of(
    session: CoachSession, analysis: VideoAnalysis, corrections: Sequence[Correction] = ()
) -> SessionReport:
    """The report of an analysis of the session's video. Raises BadInput."""
    events = apply_corrections(analysis.events, corrections, analysis.scores.times_s)
    return build_session_report(
        analysis,
        session.details.filename,
        calibration=parse_calibration(session.calibration) if session.calibration else None,
        requested=session.details.exercise,
        events=[event for event in events if analysis.scores.athlete[event.frame]],
    )
