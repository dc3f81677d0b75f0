"""Which slow-motion clips of a session there can be, and where each lies once it is made."""

import hashlib
import zlib
from dataclasses import dataclass

from pushoff.coach.session_files import folder
from pushoff.coach.session_report import SessionView
from pushoff.queue import job_ids
from pushoff.util.canonical_json import canonical_json

WHOLE_SESSION = "session"
MARGIN_S = 0.5
"""Of the video before and after a push-off: the flight before and most of the one after it."""
_KINDS = {"push": "push-off", "run": "running step", "maybe": "possible push-off"}
_FORMAT = 1
"""Raised when a clip of the same push-offs would look different."""


@dataclass(frozen=True)
class Clip:
    """One clip a coach may ask for."""

    what: str
    """`session`, or the push-off's frame."""
    name: str
    """`Push-off 2, left`."""
    start: int
    stop: int
    """Frames of the video; `stop` is left out."""
    key: str
    """In storage. It changes with every correction, so no stale clip is ever shown."""
    job_id: str


def session_clips(session_id: str, now: SessionView) -> tuple[Clip, ...]:
    """The whole session first, then one for each push-off."""
    report, info = now.report, now.analysis.info
    around = round(MARGIN_S * info.capture_rate)
    places = [event.frame for event in report.events]
    spans = [
        (WHOLE_SESSION, "Whole session", min(places, default=0), max(places, default=report.frames))
    ]
    for place, name in zip(places, push_off_names(now), strict=True):
        spans.append((str(place), f"{name[:1].upper()}{name[1:]}", place, place))
    digest = _digest(now)
    return tuple(
        Clip(
            what,
            name,
            max(first - around, 0),
            min(last + around + 1, report.frames),
            f"{clips_folder(session_id)}/{what}-{digest}.mp4",
            job_ids.render_clip(session_id, what, digest),
        )
        for what, name, first, last in spans
    )


def push_off_names(now: SessionView) -> list[str]:
    """Of each push-off: `push-off 2, left`, `running step A1`. ASCII."""
    told = []
    for index, label in enumerate(now.report.labels):
        foot = now.report.sequence.feet[index]
        told.append(
            f"{_KINDS[now.report.kind(index)]} {label}" + (f", {foot.value}" if foot else "")
        )
    return told


def clips_folder(session_id: str) -> str:
    """Where a session's clips lie. Raises Unsafe for what is not an id."""
    return f"{folder(session_id)}/clips"


def _digest(now: SessionView) -> str:
    """Of everything a clip shows."""
    shown = {
        "format": _FORMAT,
        "push_offs": [
            [e.frame, n] for e, n in zip(now.report.events, push_off_names(now), strict=True)
        ],
        "boxes": zlib.crc32(now.analysis.boxes_px.tobytes()),
        "rate": str(now.analysis.info.capture_rate),
        "timed": now.report.time_trusted,
    }
    return hashlib.sha256(canonical_json(shown)).hexdigest()[:16]
