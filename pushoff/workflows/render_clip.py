"""A slow-motion clip of a push-off, or of a whole session."""

import logging
import tempfile
from pathlib import Path
from typing import Any

from pushoff.coach.clips import Clip, clips_folder, push_off_names, session_clips
from pushoff.coach.session_files import preview_key
from pushoff.coach.session_report import SessionView, current_report
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.coach.strip_images import preview_box
from pushoff.errors import NoSuchSession, Unsafe
from pushoff.services import Services

log = logging.getLogger(__name__)


def render_clip(services: Services, session_id: str, target: str, key: str) -> dict[str, Any]:
    """Make the clip stored under `key`, and forget those of how the session stood before.

    Safe to run twice: the key names what the clip shows. When the session was corrected meanwhile,
    or deleted, nothing is made. Raises Unsafe for a key that is not one of the session's clips.
    """
    if not key.startswith(f"{clips_folder(session_id)}/"):
        raise Unsafe(f"{key[:80]!r} is no clip of session {session_id}")
    try:
        now = current_report(services.database, services.storage, _session(services, session_id))
        there = session_clips(session_id, now)
        wanted = next((one for one in there if (one.target, one.key) == (target, key)), None)
        if wanted is None:
            return {"clip": None, "why": "the session was corrected meanwhile"}
        if not services.storage.exists(key):
            _make(services, session_id, now, wanted)
        _session(services, session_id)
    except NoSuchSession:
        services.storage.delete(key)
        return {"clip": None, "why": "the session was deleted"}
    current = {one.key for one in there}
    for stale in services.storage.list(clips_folder(session_id)):
        if stale not in current:
            services.storage.delete(stale)
    return {"clip": target}


def _session(services: Services, session_id: str) -> CoachSession:
    return get_session(services.database, session_id)


def _make(services: Services, session_id: str, now: SessionView, wanted: Clip) -> None:
    from pushoff.video.annotated_clip import ClipMark, ClipPlan, write_clip
    from pushoff.video.preview import preview_width_px

    marks = zip(now.report.events, push_off_names(now), strict=True)
    plan = ClipPlan(
        wanted.start,
        wanted.stop,
        now.analysis.info.capture_rate,
        now.report.time_trusted,
        tuple(ClipMark(event.frame, name) for event, name in marks),
    )
    seen = now.analysis.scores.athlete
    with (
        services.storage.local_copy(preview_key(session_id)) as preview,
        tempfile.TemporaryDirectory(dir=services.scratch) as folder,
    ):
        width, out = preview_width_px(preview), Path(folder) / "clip.mp4"
        boxes = {
            frame: preview_box(now.analysis, frame, width)
            for frame in range(plan.start, plan.end)
            if seen[frame]
        }
        count = write_clip(preview, plan, boxes, out, services.queue.jobs.report)
        services.storage.write_file(wanted.key, out)
    log.info("session %s: a clip of %d frames", session_id, count)
