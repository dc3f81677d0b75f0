"""What happens to a coach's uploaded video: stored, scanned, analysed, reported. Top to bottom."""

import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pushoff.coach.failure_reason import describe_refusal
from pushoff.coach.session_files import (
    delete_newer_analysis,
    preview_key,
    save_analysis,
    thumbnail_key,
)
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession, State, change_session, get_session
from pushoff.errors import BadInput
from pushoff.notify.message import Kind
from pushoff.services import Services
from pushoff.storage.videos import video_key
from pushoff.util.progress import Progress
from pushoff.workflows.results import SessionResult
from pushoff.workflows.steps.request_notification import request_notification
from pushoff.workflows.steps.store_video import store_video

if TYPE_CHECKING:
    from pushoff.events.analysis_result import VideoAnalysis
    from pushoff.values import VideoInfo

log = logging.getLogger(__name__)

MIN_DECODED_SHARE = 0.5
"""With a smaller share of its declared frames the video is refused; with more the report warns."""


@dataclass(frozen=True)
class _Analyzed:
    """What the session's row shows of its analysis."""

    video_id: str
    model_version: str
    headline: str
    push_offs: int


def analyze_session(services: Services, session_id: str) -> SessionResult:
    """Check and store the video, track the athlete, find the push-offs, write the preview.

    Safe to run twice: everything is named by the session or by the video's content. A refusal that
    the coach or the operator can act on becomes the session's reason. Raises Upstream errors, after
    which the job is tried again, and NoSuchSession.
    """
    session = get_session(services.database, session_id)
    rate = str(session.details.capture_fps)
    change_session(services.database, session_id, state=State.ANALYZING)
    try:
        analyzed = _analyze(services, session)
    except BadInput as refusal:
        reason = describe_refusal(refusal)
        log.warning(
            "session %s cannot be analysed: %s %s",
            session_id,
            type(refusal).__name__,
            reason.code,
        )
        change_session(
            services.database,
            session_id,
            state=State.FAILED,
            reason=reason.text,
            reason_code=reason.code,
        )
        request_notification(services, Kind.SESSION_FAILED, session_id, reason.code, rate)
        return SessionResult(session_id, State.FAILED.value)
    # of a new analysis nobody has checked anything yet
    fresh = {"checked_at": None, "checked_by": None, "newer_version": None}
    change_session(services.database, session_id, state=State.READY, **vars(analyzed), **fresh)
    if services.label_studio_connected:
        services.queue.request.ingest_video(analyzed.video_id)
    request_notification(services, Kind.SESSION_READY, session_id, analyzed.model_version, rate)
    log.info("session %s: %d push-offs", session_id, analyzed.push_offs)
    return SessionResult(session_id, State.READY.value)


def _analyze(services: Services, session: CoachSession) -> _Analyzed:
    from pushoff.learning.features.extract_features import load_or_extract
    from pushoff.learning.features.feature_extractor import WITH_MIRROR
    from pushoff.video.decoding.refusals import cut_off
    from pushoff.workflows.analyze import find_push_offs
    from pushoff.workflows.steps.push_off_finder import load_push_off_finder

    report, storage = services.queue.jobs.report, services.storage
    capture_fps = session.details.capture_fps

    # 1. one checked video
    report(Progress("checking"))
    stored = store_video(services, session)
    finder = load_push_off_finder(services)
    with storage.local_copy(video_key(stored.video_id)) as path:
        # 2. its features
        features = load_or_extract(
            storage,
            path,
            capture_fps,
            finder.extractor,
            WITH_MIRROR,
            report,
            services.scratch,
            sha256=stored.sha256,
        )
        declared = features.info.declared_frames
        if declared and len(features.times_s) < MIN_DECODED_SHARE * declared:
            raise cut_off()

        # 3. its push-offs, and what the page shows
        report(Progress("finding push-offs"))
        analysis = find_push_offs(path, features, finder, capture_known=capture_fps is not None)
        save_analysis(storage, session.session_id, analysis)
        delete_newer_analysis(storage, session.session_id)
        _write_images(services, session, path, features.info, analysis)
    session_report = current_report(services.database, storage, session).report
    return _Analyzed(
        video_id=stored.video_id,
        model_version=finder.version,
        headline=session_report.headline,
        push_offs=len(session_report.events),
    )


def _write_images(
    services: Services,
    session: CoachSession,
    path: Path,
    info: "VideoInfo",
    analysis: "VideoAnalysis",
) -> None:
    """Write the preview, and the athlete's image for the list of sessions."""
    from pushoff.values import Box
    from pushoff.video.decoding.decode import decode
    from pushoff.video.images import crop_athlete, encode_jpeg
    from pushoff.video.preview import write_preview

    with tempfile.TemporaryDirectory(dir=services.scratch) as folder:
        preview = Path(folder) / "preview.mp4"
        write_preview(path, info, preview, services.queue.jobs.report)
        services.storage.write_file(preview_key(session.session_id), preview)
    index = analysis.events[0].frame if analysis.events else len(analysis.boxes_px) // 2
    for frame in decode(path, info, indices=[index]).frames():
        thumbnail = crop_athlete(frame.image, Box(*map(int, analysis.boxes_px[index])))
        services.storage.write(
            thumbnail_key(session.session_id), encode_jpeg(thumbnail, quality=80)
        )
