"""The slow-motion clips of a session: which there can be, and the storage key of each."""

import hashlib
import zlib
from dataclasses import dataclass

from pushoff.coach.session_files import folder
from pushoff.coach.session_report import SessionView
from pushoff.queue import job_ids
from pushoff.util.canonical_json import canonical_json

WHOLE_SESSION = "session"
MARGIN_S = 0.5
"""Video before and after a push-off: the flight before it and most of the flight after it."""
_KIND_NAMES = {"push": "push-off", "run": "running step", "maybe": "possible push-off"}
_FORMAT = 1
"""Increase it when a clip of the same push-offs would look different."""


@dataclass(frozen=True)
class Clip:
    """One clip a coach can request."""

    target: str
    """`session`, or the frame of a push-off."""
    name: str
    """`Push-off 2, left`."""
    start: int
    stop: int
    """Frames of the video; `stop` is excluded."""
    key: str
    """In storage. It changes with every correction, so an outdated clip is never shown."""
    job_id: str
    """Of the job that renders it."""


def session_clips(session_id: str, view: SessionView) -> tuple[Clip, ...]:
    """The whole session first, then one clip for each push-off."""
    report, info = view.report, view.analysis.info
    margin = round(MARGIN_S * info.capture_rate)
    frames = [event.frame for event in report.events]
    first_frame, last_frame = min(frames, default=0), max(frames, default=report.frames)
    spans = [(WHOLE_SESSION, "Whole session", first_frame, last_frame)]
    for frame, name in zip(frames, push_off_names(view), strict=True):
        spans.append((str(frame), f"{name[:1].upper()}{name[1:]}", frame, frame))
    digest = _digest(view)
    return tuple(
        Clip(
            target,
            name,
            max(first - margin, 0),
            min(last + margin + 1, report.frames),
            f"{clips_folder(session_id)}/{target}-{digest}.mp4",
            job_ids.render_clip(session_id, target, digest),
        )
        for target, name, first, last in spans
    )


def push_off_names(view: SessionView) -> list[str]:
    """One for each push-off, in ASCII: `push-off 2, left`, `running step A1`."""
    report = view.report
    names = []
    for index, (label, foot) in enumerate(zip(report.labels, report.sequence.feet, strict=True)):
        suffix = f", {foot.value}" if foot else ""
        names.append(f"{_KIND_NAMES[report.kind(index)]} {label}{suffix}")
    return names


def clips_folder(session_id: str) -> str:
    """Storage folder of a session's clips. Raises Unsafe for an invalid id."""
    return f"{folder(session_id)}/clips"


def _digest(view: SessionView) -> str:
    """Of everything a clip shows."""
    content = {
        "format": _FORMAT,
        "push_offs": [
            [event.frame, name]
            for event, name in zip(view.report.events, push_off_names(view), strict=True)
        ],
        "boxes": zlib.crc32(view.analysis.boxes_px.tobytes()),
        "rate": str(view.analysis.info.capture_rate),
        "timed": view.report.time_trusted,
    }
    return hashlib.sha256(canonical_json(content)).hexdigest()[:16]
