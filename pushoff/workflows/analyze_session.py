"""A coach's video becomes push-offs, and a preview to look at."""

import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pushoff.coach.failure_reason import describe_refusal
from pushoff.coach.session_files import preview_key, save_analysis, thumbnail_key
from pushoff.coach.session_report import current_report
from pushoff.coach.sessions import CoachSession, State, change_session, get_session
from pushoff.errors import BadInput, NotEnough
from pushoff.services import Services
from pushoff.storage.videos import video_key
from pushoff.util.progress import Progress
from pushoff.workflows.results import SessionResult
from pushoff.workflows.steps.store_video import store_video

if TYPE_CHECKING:
    from pushoff.events.analysis_result import VideoAnalysis
    from pushoff.values import VideoInfo

log = logging.getLogger(__name__)

LEAST_SHARE = 0.5
"""Of a video's frames; with fewer than these the file is cut off, with more its report says so."""


def analyze_session(services: Services, session_id: str) -> SessionResult:
    """Check the video, follow the athlete, find the push-offs, make the preview.

    Safe to run twice: everything is named by the session or the video's content. What the coach can
    mend is told as the session's reason; the rest raises Upstream, and the job is tried again.
    """
    session = get_session(services.database, session_id)
    change_session(services.database, session_id, state=State.ANALYZING)
    try:
        found = _read(services, session)
    except (BadInput, NotEnough) as refusal:
        reason = describe_refusal(refusal)
        kind = type(refusal).__name__
        log.warning("session %s cannot be analysed: %s %s", session_id, kind, reason.code)
        change_session(
            services.database,
            session_id,
            state=State.FAILED,
            reason=reason.text,
            reason_code=reason.code,
        )
        return SessionResult(session_id, State.FAILED.value)
    change_session(services.database, session_id, state=State.READY, **found)
    if services.label_studio_connected:
        video_id = found["video_id"]
        services.queue.request.ingest_video(video_id)
    log.info("session %s: %d push-offs", session_id, found["push_offs"])
    return SessionResult(session_id, State.READY.value)


def _read(services: Services, session: CoachSession) -> dict[str, Any]:
    from pushoff.learning.event.champion import load_event_champion
    from pushoff.learning.event.extract_features import load_or_extract
    from pushoff.learning.feature_extractor import WITH_MIRROR
    from pushoff.video.decoding.refusals import cut_off
    from pushoff.workflows.analyze import read_video

    report, storage, details = services.queue.jobs.report, services.storage, session.details
    report(Progress("checking"))
    video_id = store_video(services, session)
    version, spotter = load_event_champion(services.registry, services.model_cache)
    with storage.local_copy(video_key(video_id)) as path:
        video = load_or_extract(
            storage,
            path,
            details.capture_fps,
            spotter.extractor,
            WITH_MIRROR,
            report,
            services.scratch,
        )
        declared = video.info.declared_frames
        if declared and len(video.times_s) < LEAST_SHARE * declared:
            raise cut_off()
        report(Progress("finding push-offs"))
        known = details.capture_fps is not None
        reading = read_video(path, video, spotter, version, capture_known=known)
        save_analysis(storage, session.session_id, reading)
        _pictures(services, session, path, video.info, reading)
    answer = current_report(services.database, storage, session).report
    return {
        "video_id": video_id,
        "model_version": version,
        "headline": answer.headline,
        "push_offs": len(answer.events),
    }


def _pictures(
    services: Services,
    session: CoachSession,
    path: Path,
    info: "VideoInfo",
    reading: "VideoAnalysis",
) -> None:
    """The preview, and a picture of the athlete for the list."""
    from pushoff.values import Box
    from pushoff.video.decoding.decode import decode
    from pushoff.video.images import crop_athlete, encode_jpeg
    from pushoff.video.preview import write_preview

    with tempfile.TemporaryDirectory(dir=services.scratch) as folder:
        preview = Path(folder) / "preview.mp4"
        write_preview(path, info, preview, services.queue.jobs.report)
        services.storage.write_file(preview_key(session.session_id), preview)
    frame = reading.events[0].frame if reading.events else len(reading.boxes_px) // 2
    for shown in decode(path, info, indices=[frame]).frames():
        picture = crop_athlete(shown.image, Box(*map(int, reading.boxes_px[frame])))
        services.storage.write(thumbnail_key(session.session_id), encode_jpeg(picture, quality=80))
