"""A slow-motion clip of one push-off, or of a whole session, for download."""

import logging
import tempfile
from pathlib import Path

from pushoff.coach.clips import Clip, clips_folder, push_off_names, session_clips
from pushoff.coach.session_files import preview_key
from pushoff.coach.session_report import SessionView, current_report
from pushoff.coach.sessions import get_session
from pushoff.coach.strip_images import preview_box
from pushoff.errors import NoSuchSession, Unsafe
from pushoff.services import Services
from pushoff.workflows.results import ClipResult

log = logging.getLogger(__name__)


def render_clip(services: Services, session_id: str, target: str, key: str) -> ClipResult:
    """Render the clip stored under `key`, and delete clips of the session's earlier states.

    Safe to run twice: the key names what the clip shows. Nothing is rendered when the session was
    corrected or deleted meanwhile. Raises Unsafe for a key that is not one of the session's clips,
    VideoRefused, StorageFailed.
    """
    if not key.startswith(f"{clips_folder(session_id)}/"):
        raise Unsafe(f"{key[:80]!r} is not a clip of session {session_id}")
    try:
        session = get_session(services.database, session_id)
        view = current_report(services.database, services.storage, session)
        clips = session_clips(session_id, view)
        clip = next((clip for clip in clips if (clip.target, clip.key) == (target, key)), None)
        if clip is None:
            return ClipResult(None, "the session was corrected meanwhile")
        if not services.storage.exists(key):
            _render(services, session_id, view, clip)
        get_session(services.database, session_id)  # raises when it was deleted meanwhile
    except NoSuchSession:
        services.storage.delete(key)
        return ClipResult(None, "the session was deleted")
    current_keys = {clip.key for clip in clips}
    for stored_key in services.storage.list(clips_folder(session_id)):
        if stored_key not in current_keys:
            services.storage.delete(stored_key)
    return ClipResult(target)


def _render(services: Services, session_id: str, view: SessionView, clip: Clip) -> None:
    from pushoff.video.annotated_clip import ClipMark, ClipPlan, write_clip
    from pushoff.video.preview import preview_width_px

    analysis = view.analysis
    names = zip(view.report.events, push_off_names(view), strict=True)
    plan = ClipPlan(
        clip.start,
        clip.stop,
        analysis.info.capture_rate,
        view.report.time_trusted,
        tuple(ClipMark(event.frame, name) for event, name in names),
    )
    with (
        services.storage.local_copy(preview_key(session_id)) as preview,
        tempfile.TemporaryDirectory(dir=services.scratch) as folder,
    ):
        width_px, out = preview_width_px(preview), Path(folder) / "clip.mp4"
        boxes = {
            frame: preview_box(analysis, frame, width_px)
            for frame in range(plan.start, plan.end)
            if analysis.scores.athlete[frame]
        }
        count = write_clip(preview, plan, boxes, out, services.queue.jobs.report)
        services.storage.write_file(clip.key, out)
    log.info("session %s: a clip of %d frames", session_id, count)
