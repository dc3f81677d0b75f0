"""What corrections teach a model that looks at frames: which frame shows what, who said so, when.

Only what a person said is taught. A push-off the model found and nobody spoke of is no lesson, and
a frame that a person could not tell either (`pushoff.events.ground_truth`) is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import func, or_, select, update

from pushoff.coach.corrections import RecordedCorrection, apply_corrections
from pushoff.coach.database import CORRECTIONS, SESSIONS, Database
from pushoff.events.analysis_result import VideoAnalysis, rate_is_trusted
from pushoff.events.ground_truth import frame_label
from pushoff.util.ids import check_session_id
from pushoff.util.timestamps import now
from pushoff.values import Label

RADIUS_S = 0.05
"""How far from a corrected push-off frames are taught: past the 33 ms before it in which nobody
can tell, and about a third of the shortest contact of a sprint."""
_HAIR_S = 1e-4
MIN_RADIUS_FRAMES = 2
"""Either side, where frames are far apart: at 30/s the very next ones show the flight already."""


@dataclass(frozen=True)
class CorrectionLabel:
    """One frame, and what a person said it shows."""

    frame: int
    """Zero-based, in decode order."""
    label: Label
    by: str
    """The account's name."""
    at: str


def correction_labels(
    read: VideoAnalysis, noted: Sequence[RecordedCorrection]
) -> list[CorrectionLabel]:
    """In order of frames; where corrections lie close together the latest is the one who said it.

    In slow motion of unknown rate only the very frame is taught: how far the next one is from it
    in time nobody knows. Raises BadInput for a correction outside the video.
    """
    times_s = read.curves.times_s
    events = apply_corrections(read.events, [one.correction for one in noted], times_s)
    trusted, _ = rate_is_trusted(
        events, float(read.info.frame_rate), read.capture_known, read.followed.camera
    )
    said = {place: one for one in noted for place in _places(one)}
    final = [event.frame for event in events]
    confirmed = [frame for frame in final if frame in said]
    found: dict[int, CorrectionLabel] = {}
    for place, one in sorted(said.items(), key=lambda pair: pair[1].number):
        for frame in _around(times_s, place, trusted):
            if not read.curves.athlete[frame]:
                continue
            label = _label(times_s, frame, final, read.curves.interval_s)
            same = _label(times_s, frame, confirmed, read.curves.interval_s) is label
            if label is not None and same:  # else only the model says so
                found[frame] = CorrectionLabel(frame, label, one.by, one.at)
    return [found[frame] for frame in sorted(found)]


def mark_synced(database: Database, session_id: str, moment: str) -> None:
    """Everything corrected before `moment` is taught."""
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS)
            .where(SESSIONS.c.id == check_session_id(session_id))
            .values(synced_at=moment)
        )


def moment() -> str:
    """Now, as `mark_synced` takes it: to be asked before the corrections are read."""
    return now()


def unsynced(database: Database) -> list[str]:
    """Sessions with corrections, or corrections undone, that have not been taught yet."""
    changed = func.coalesce(CORRECTIONS.c.undone_at, CORRECTIONS.c.at)
    due = or_(SESSIONS.c.synced_at.is_(None), changed >= SESSIONS.c.synced_at)
    wanted = select(SESSIONS.c.id).join(CORRECTIONS).where(due, SESSIONS.c.deleted_at.is_(None))
    with database.reading() as connection:
        return sorted(connection.execute(wanted.distinct()).scalars())


def _places(one: RecordedCorrection) -> tuple[int, ...]:
    to = one.correction.to_frame
    return (one.correction.frame,) if to is None else (one.correction.frame, to)


def _around(times_s: np.ndarray, place: int, trusted: bool) -> range:
    if not trusted:
        return range(place, place + 1)
    near = np.flatnonzero(np.abs(times_s - times_s[place]) <= RADIUS_S + _HAIR_S)
    first, last = min(near[0], place - MIN_RADIUS_FRAMES), max(near[-1], place + MIN_RADIUS_FRAMES)
    return range(max(int(first), 0), min(int(last), len(times_s) - 1) + 1)


def _label(
    times_s: np.ndarray, frame: int, push_offs: Sequence[int], interval_s: float
) -> Label | None:
    return frame_label(float(times_s[frame]), [float(times_s[p]) for p in push_offs], interval_s)
