"""Turn corrections into frame labels: frame, label, author, time.

Only what a person corrected becomes a label. Push-offs that only the model found give none, nor do
ambiguous frames, for which annotators disagree too (`pushoff.events.ground_truth`).
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
"""Frames this close to a corrected push-off get a label. It covers the 33 ms before the push-off
that are ambiguous, and is about a third of the shortest ground contact of a sprint."""
MIN_RADIUS_FRAMES = 2
"""The radius where frames are far apart: at 30/s the next frame already shows the flight."""
_TOLERANCE_S = 1e-4
"""For rounding of frame times."""


@dataclass(frozen=True)
class CorrectionLabel:
    """The label of one frame."""

    frame: int
    """Counted from zero, in decode order."""
    label: Label
    by: str
    """Name of the account that made the correction."""
    at: str


def correction_labels(
    analysis: VideoAnalysis, corrections: Sequence[RecordedCorrection]
) -> list[CorrectionLabel]:
    """The labels of a session, ordered by frame; the latest of several close corrections wins.

    If the capture rate is unknown, only the corrected frame itself gets a label: the time to its
    neighbours is unknown too. Raises BadInput for a correction outside the video.
    """
    times_s, interval_s = analysis.scores.times_s, analysis.scores.interval_s
    events = apply_corrections(
        analysis.events, [recorded.correction for recorded in corrections], times_s
    )
    trusted, _ = rate_is_trusted(
        events, float(analysis.info.frame_rate), analysis.capture_known, analysis.track.camera
    )
    latest = {frame: recorded for recorded in corrections for frame in _frames(recorded)}
    push_offs = [event.frame for event in events]
    confirmed = [frame for frame in push_offs if frame in latest]
    labels: dict[int, CorrectionLabel] = {}
    for center, recorded in sorted(latest.items(), key=lambda item: item[1].number):
        for frame in _neighbourhood(times_s, center, trusted):
            if not analysis.scores.athlete[frame]:
                continue
            label = _label(times_s, frame, push_offs, interval_s)
            # a label that needs push-offs nobody corrected comes from the model alone
            from_people = _label(times_s, frame, confirmed, interval_s) is label
            if label is not None and from_people:
                labels[frame] = CorrectionLabel(frame, label, recorded.by, recorded.at)
    return [labels[frame] for frame in sorted(labels)]


def mark_synced(database: Database, session_id: str, moment: str) -> None:
    """Record that every correction made before `moment` has been copied to Label Studio."""
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS)
            .where(SESSIONS.c.id == check_session_id(session_id))
            .values(synced_at=moment)
        )


def moment() -> str:
    """The current time for `mark_synced`; take it before the corrections are loaded."""
    return now()


def unsynced(database: Database) -> list[str]:
    """Ids of sessions with a correction, or an undone one, that Label Studio does not have yet."""
    changed_at = func.coalesce(CORRECTIONS.c.undone_at, CORRECTIONS.c.at)
    due = or_(SESSIONS.c.synced_at.is_(None), changed_at >= SESSIONS.c.synced_at)
    query = select(SESSIONS.c.id).join(CORRECTIONS).where(due, SESSIONS.c.deleted_at.is_(None))
    with database.reading() as connection:
        return sorted(connection.execute(query.distinct()).scalars())


def _frames(recorded: RecordedCorrection) -> tuple[int, ...]:
    """The frames a correction is about: two for a move."""
    correction = recorded.correction
    if correction.to_frame is None:
        return (correction.frame,)
    return correction.frame, correction.to_frame


def _neighbourhood(times_s: np.ndarray, center: int, trusted: bool) -> range:
    """The frames to label around a corrected one. `times_s`: (N,) camera seconds."""
    if not trusted:
        return range(center, center + 1)
    near = np.flatnonzero(np.abs(times_s - times_s[center]) <= RADIUS_S + _TOLERANCE_S)
    first = min(int(near[0]), center - MIN_RADIUS_FRAMES)
    last = max(int(near[-1]), center + MIN_RADIUS_FRAMES)
    return range(max(first, 0), min(last, len(times_s) - 1) + 1)


def _label(
    times_s: np.ndarray, frame: int, push_offs: Sequence[int], interval_s: float
) -> Label | None:
    push_offs_s = [float(times_s[push_off]) for push_off in push_offs]
    return frame_label(float(times_s[frame]), push_offs_s, interval_s)
