"""Sessions that an earlier version analysed are analysed again by the champion, one by one."""

import logging
from typing import TYPE_CHECKING

from pushoff.coach.review.newer_analyses import replace_unless_touched, sessions_behind
from pushoff.coach.session_files import (
    delete_newer_analysis,
    save_analysis,
    save_newer_analysis,
)
from pushoff.coach.session_report import report_of
from pushoff.coach.sessions import CoachSession, change_session, get_session
from pushoff.errors import BadInput, NoSuchSession
from pushoff.services import Services
from pushoff.storage.deletion import delete_what_was_extracted
from pushoff.storage.videos import video_key
from pushoff.workflows.results import RefreshResult

if TYPE_CHECKING:
    from pushoff.events.analysis_result import VideoAnalysis
    from pushoff.workflows.steps.push_off_finder import PushOffFinder

log = logging.getLogger(__name__)


def refresh_analyses(services: Services) -> RefreshResult:
    """Analyse the newest session that is behind, and request this job again while more are.

    One at a time, so that an upload waits for one of them at most. A session that nobody corrected
    or checked gets the new analysis. Otherwise people's answers stand: the new analysis is stored
    beside the one they answered, and the page shows what it sees differently. Safe to run twice and
    to be killed at any line. Raises ModelRefused, RegistryUnavailable, StorageFailed,
    QueueUnavailable.
    """
    from pushoff.workflows.steps.push_off_finder import load_push_off_finder

    finder = load_push_off_finder(services)
    behind = sessions_behind(services.database, finder.version)
    if not behind:
        return RefreshResult(finder.version, None, left=0)
    session = behind[0]
    try:
        analysis = _analysis(services, session, finder)
    except BadInput as refusal:
        log.warning("session %s keeps its analysis: %s", session.session_id, refusal)
        change_session(services.database, session.session_id, newer_version=finder.version)
    else:
        _store(services, session, analysis)
    if len(behind) > 1:
        services.queue.request.refresh_analyses()
    return RefreshResult(finder.version, session.session_id, left=len(behind) - 1)


def _analysis(
    services: Services, session: CoachSession, finder: "PushOffFinder"
) -> "VideoAnalysis":
    """Raises BadInput for a video that is not stored or cannot be analysed any more."""
    from pushoff.learning.features.extract_features import load_or_extract
    from pushoff.learning.features.feature_extractor import WITH_MIRROR
    from pushoff.workflows.analyze import find_push_offs

    capture_fps, key = session.details.capture_fps, video_key(str(session.video_id))
    if not services.storage.exists(key):
        raise BadInput("The video is not stored any more.", code="not_stored")
    with services.storage.local_copy(key) as path:
        features = load_or_extract(
            services.storage,
            path,
            capture_fps,
            finder.extractor,
            WITH_MIRROR,
            services.queue.jobs.report,
            services.scratch,
        )
        analysis = find_push_offs(path, features, finder, capture_known=capture_fps is not None)
    if not services.storage.exists(key):
        delete_what_was_extracted(services.storage, str(session.video_id))
        raise BadInput("The video was deleted meanwhile.", code="not_stored")
    return analysis


def _store(services: Services, session: CoachSession, analysis: "VideoAnalysis") -> None:
    """As the session's analysis, or where people answered the earlier one, beside it."""
    database, storage, session_id = services.database, services.storage, session.session_id
    report = report_of(session, analysis)
    replaced = replace_unless_touched(
        database,
        session_id,
        lambda: save_analysis(storage, session_id, analysis),
        model_version=analysis.model_version,
        newer_version=None,
        headline=report.headline,
        push_offs=len(report.events),
    )
    if replaced:
        delete_newer_analysis(storage, session_id)
        return
    save_newer_analysis(storage, session_id, analysis)
    change_session(database, session_id, newer_version=analysis.model_version)
    try:
        get_session(database, session_id)
    except NoSuchSession:  # deleted meanwhile: nothing of it may stay
        delete_newer_analysis(storage, session_id)
