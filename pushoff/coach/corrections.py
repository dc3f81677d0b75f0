"""Corrections: an append-only log of what people changed, and the push-offs that result from it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from sqlalchemy import Select, select, update
from sqlalchemy.engine import RowMapping

from pushoff.coach.accounts import Account
from pushoff.coach.database import ACCOUNTS, CORRECTIONS, Database, inserted_id
from pushoff.errors import BadInput
from pushoff.events.values import Foot, PushOffEvent
from pushoff.util.ids import check_session_id
from pushoff.util.timestamps import now

Kind = Literal["add", "move", "delete", "foot", "approach", "toe"]
KINDS: tuple[Kind, ...] = ("add", "move", "delete", "foot", "approach", "toe")
MAX_CORRECTIONS = 200
"""Active corrections of one session: a report shows images of every push-off."""
MIN_INTERVAL_S = 0.1
"""Between two push-offs: a running step takes 0.2 s at least (docs/domain.md, "Step and contact
times"), so two within half of that are one."""
HUMAN_UNCERTAINTY_FRAMES = 1.0
"""One standard deviation of a frame a person chose: annotators agree within 5 to 15 ms
(docs/domain.md, "Timing agreement"), a frame or two at 240/s."""
MAX_TOE_PX = 100_000
TOE_UNCERTAINTY_PX = 3.0
"""One standard deviation of each coordinate of a toe that a person placed; an estimate: a finger
or mouse on a picture enlarged to the width of a page."""


@dataclass(frozen=True)
class Correction:
    """One change of the push-offs. Raises BadInput for fields that do not fit together."""

    kind: Kind
    frame: int
    """Frame of the push-off when it was changed; of `add`, the new frame."""
    to_frame: int | None = None
    """Of `move`."""
    foot: Foot | None = None
    """Of `foot`; of `add` where the person chose one."""
    approach: bool | None = None
    """Of `approach`: a running step of the approach, or a push-off of the drill."""
    toe_px: tuple[float, float] | None = None
    """Of `toe`: (x, y) full-size pixels of the toe on the ground."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput(
                f"{self.kind!r} is not a correction: {', '.join(KINDS[:-1])} or {KINDS[-1]}",
                code="invalid_correction",
            )
        if self.kind == "foot" and self.foot is None:
            raise BadInput("foot is required: left or right", code="invalid_correction")
        own = {"to_frame": "move", "approach": "approach", "toe_px": "toe"}
        for name, kind in own.items():
            if (self.kind == kind) != (getattr(self, name) is not None):
                raise BadInput(
                    f"{name} is required for {kind!r} and allowed for nothing else",
                    code="invalid_correction",
                )
        if self.toe_px and not all(0 <= value <= MAX_TOE_PX for value in self.toe_px):
            raise BadInput(
                f"toe_px is {self.toe_px}: two numbers of pixels, 0 to {MAX_TOE_PX}",
                code="invalid_correction",
            )


@dataclass(frozen=True)
class RecordedCorrection:
    """A correction in the log, with who made it and when."""

    number: int
    correction: Correction
    by: str
    """Name of the account."""
    at: str
    undone: bool = False
    """An undone correction has no effect."""


def check_correction(
    correction: Correction,
    events: Sequence[PushOffEvent],
    in_view: np.ndarray,
    times_s: np.ndarray,
) -> None:
    """Raise BadInput if the correction cannot be applied to the current push-offs.

    `in_view`: (N,) bool, whether the athlete is in view in each frame of the video. `times_s`: (N,)
    camera seconds; those of slow motion at an unknown rate are longer, so less is refused.
    """
    frames = {event.frame for event in events}
    if correction.kind != "add" and correction.frame not in frames:
        raise BadInput(
            f"The push-off in frame {correction.frame} no longer exists. Reload the page.",
            code="no_such_push_off",
        )
    if correction.kind not in ("add", "move"):
        return
    target = correction.frame if correction.to_frame is None else correction.to_frame
    if not 0 <= target < len(in_view):
        raise BadInput(
            f"Frame {target} is outside the video, which has {len(in_view)} frames.",
            code="frame_outside_video",
        )
    if not in_view[target]:
        raise BadInput(
            f"No athlete was tracked in frame {target}: choose a frame that shows the athlete.",
            code="athlete_not_in_view",
        )
    if target in frames and (correction.kind == "add" or target != correction.frame):
        raise BadInput(f"Frame {target} already has a push-off.", code="duplicate_push_off")
    _check_distance(correction, target, frames, times_s)


def _check_distance(
    correction: Correction, target: int, frames: set[int], times_s: np.ndarray
) -> None:
    """Raise BadInput where the correction makes two push-offs of one step.

    Two that were this close before may be moved: one of them may be right.
    """
    for other in sorted(frames - {correction.frame}):
        gap_s, before_s = (
            abs(times_s[other] - times_s[frame]) for frame in (target, correction.frame)
        )
        was_close = correction.kind == "move" and before_s < MIN_INTERVAL_S
        if gap_s < MIN_INTERVAL_S and not was_close:
            raise BadInput(
                f"Frame {target} is {1000 * gap_s:.0f} ms from the push-off in frame {other}: no "
                "step is that short.",
                code="push_offs_too_close",
                remedy="Move or delete that push-off instead.",
            )


def apply_corrections(
    events: Sequence[PushOffEvent], corrections: Sequence[Correction], times_s: np.ndarray
) -> list[PushOffEvent]:
    """The push-offs after the corrections, ordered by time. `times_s`: (N,) camera seconds.

    A corrected push-off has probability 1, a corrected foot 0 or 1; a person who says that a step
    belongs to the approach or to the drill says as well that it is a push-off. After a new analysis
    a correction may name a push-off that no longer exists: `move` then adds one, the other kinds
    have no effect. Raises BadInput for a frame outside the video.
    """
    by_frame = {event.frame: event for event in events}
    for correction in corrections:
        target = correction.frame if correction.to_frame is None else correction.to_frame
        if not 0 <= target < len(times_s):
            raise BadInput(
                f"frame {target} is outside the video, which has {len(times_s)} frames",
                code="frame_outside_video",
            )
        previous = by_frame.get(correction.frame)
        if correction.kind in ("foot", "approach", "toe"):
            if previous:
                by_frame[correction.frame] = _changed(previous, correction)
            continue
        if correction.kind in ("move", "delete"):
            by_frame.pop(correction.frame, None)
        if correction.kind in ("move", "add"):
            by_frame[target] = _manual_event(
                previous, target, float(times_s[target]), correction.foot
            )
    return [by_frame[frame] for frame in sorted(by_frame)]


def record_correction(
    database: Database, session_id: str, account: Account, correction: Correction
) -> int:
    """Append to the log; returns the number of the correction."""
    row = {
        "session_id": check_session_id(session_id),
        "account_id": account.account_id,
        "at": now(),
        "kind": correction.kind,
        "frame": correction.frame,
        "to_frame": correction.to_frame,
        "foot": correction.foot.value if correction.foot else None,
        "approach": correction.approach,
        "toe_x_px": correction.toe_px[0] if correction.toe_px else None,
        "toe_y_px": correction.toe_px[1] if correction.toe_px else None,
    }
    with database.writing() as connection:
        return inserted_id(connection.execute(CORRECTIONS.insert().values(row)))


def undo_last(database: Database, session_id: str, account: Account) -> RecordedCorrection | None:
    """Mark the latest active correction as undone, by whom and when; None if there is none."""
    with database.writing() as connection:
        row = (
            connection.execute(_active(session_id).order_by(CORRECTIONS.c.id.desc()).limit(1))
            .mappings()
            .first()
        )
        if row is None:
            return None
        connection.execute(
            update(CORRECTIONS)
            .where(CORRECTIONS.c.id == row["id"])
            .values(undone_at=now(), undone_by=account.account_id)
        )
    return _recorded(row)


def active_corrections(database: Database, session_id: str) -> list[RecordedCorrection]:
    """The corrections that are not undone, oldest first."""
    return [entry for entry in correction_log(database, session_id) if not entry.undone]


def correction_log(database: Database, session_id: str) -> list[RecordedCorrection]:
    """Every correction, the undone ones too, oldest first."""
    with database.reading() as connection:
        rows = connection.execute(_all(session_id).order_by(CORRECTIONS.c.id)).mappings().all()
    return [_recorded(row) for row in rows]


def _all(session_id: str) -> Select:
    return (
        select(CORRECTIONS, ACCOUNTS.c.name)
        .join(ACCOUNTS, ACCOUNTS.c.id == CORRECTIONS.c.account_id)
        .where(CORRECTIONS.c.session_id == check_session_id(session_id))
    )


def _active(session_id: str) -> Select:
    return _all(session_id).where(CORRECTIONS.c.undone_at.is_(None))


def _recorded(row: RowMapping) -> RecordedCorrection:
    foot = Foot(row["foot"]) if row["foot"] else None
    toe_px = None if row["toe_x_px"] is None else (row["toe_x_px"], row["toe_y_px"])
    correction = Correction(
        row["kind"], row["frame"], row["to_frame"], foot, row["approach"], toe_px
    )
    undone = row["undone_at"] is not None
    return RecordedCorrection(row["id"], correction, row["name"], row["at"], undone)


def _changed(event: PushOffEvent, correction: Correction) -> PushOffEvent:
    if correction.kind == "foot":
        return _with_foot(event, correction.foot)
    if correction.kind == "toe":
        return replace(
            event,
            toe_px=correction.toe_px,
            toe_uncertainty_px=TOE_UNCERTAINTY_PX,
            toe_by_hand=True,
        )
    return replace(event, probability=1.0, approach_by_hand=correction.approach)


def _with_foot(event: PushOffEvent, foot: Foot | None) -> PushOffEvent:
    return replace(event, left_probability=1.0 if foot is Foot.LEFT else 0.0)


def _manual_event(
    previous: PushOffEvent | None, frame: int, time_s: float, foot: Foot | None
) -> PushOffEvent:
    """A push-off in the frame a person chose.

    A moved push-off keeps the position of its toe: the foot does not move during the contact.
    """
    if previous is None:
        event = PushOffEvent(frame, time_s, 1.0, uncertainty_frames=HUMAN_UNCERTAINTY_FRAMES)
    else:
        event = replace(
            previous,
            frame=frame,
            time_s=time_s,
            probability=1.0,
            uncertainty_frames=HUMAN_UNCERTAINTY_FRAMES,
        )
    return _with_foot(event, foot) if foot else event
