"""What others see in a session's video: a newer version of the model, and people who checked it."""

from dataclasses import replace

from pushoff.coach.database import Database
from pushoff.coach.review.checks import checked_sessions
from pushoff.coach.review.session_truth import checked_truth
from pushoff.coach.session_files import load_newer_analysis
from pushoff.coach.session_report import SessionView, current_report, report_of
from pushoff.coach.sessions import CoachSession
from pushoff.events.joined_truth import join_truths
from pushoff.storage.object_store import Storage


def page_view(database: Database, storage: Storage, session: CoachSession) -> SessionView:
    """The current report, and what others see in the video. Raises BadInput, StorageFailed."""
    view = current_report(database, storage, session)
    newer = load_newer_analysis(storage, session.session_id) if session.newer_version else None
    return replace(
        view,
        newer=report_of(session, newer) if newer else None,
        disputed_frames=_disputed_frames(database, storage, session, view),
    )


def _disputed_frames(
    database: Database, storage: Storage, session: CoachSession, view: SessionView
) -> tuple[int, ...]:
    """Where this check and those of other sessions with the same video disagree."""
    if session.checked_at is None:
        return ()
    own = checked_truth(session, view)
    frames: set[int] = set()
    for other in checked_sessions(database, session.video_id):
        if other.session_id != session.session_id:
            theirs = checked_truth(other, current_report(database, storage, other))
            frames |= set(join_truths(own, theirs).disputed_frames)
    return tuple(sorted(frames))
