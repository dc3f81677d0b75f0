"""What people corrected: a log that is only added to, and the push-offs as they stand after it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from sqlalchemy import Select, select, update
from sqlalchemy.engine import RowMapping

from pushoff.coach.accounts import Account
from pushoff.coach.database import ACCOUNTS, CORRECTIONS, Database
from pushoff.errors import BadInput
from pushoff.events.values import Foot, PushOffEvent
from pushoff.util.ids import check_session_id
from pushoff.util.timestamps import now

Kind = Literal["add", "move", "delete", "foot"]
KINDS: tuple[Kind, ...] = ("add", "move", "delete", "foot")
MAX_CORRECTIONS = 200
"""Corrections of one session that may count at once: a report shows pictures of every push-off."""
HUMAN_UNCERTAINTY_FRAMES = 1.0
"""One standard deviation of a frame a person chose: annotators agree within 5 to 15 ms
(docs/domain.md, "Timing agreement"), a frame or two at 240/s."""


@dataclass(frozen=True)
class Correction:
    """One thing a person changed. `frame` is where the push-off stood when they changed it."""

    kind: Kind
    frame: int
    to_frame: int | None = None
    """Of `move`."""
    foot: Foot | None = None
    """Of `foot`; also of `add` where the person said it."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput(f"{self.kind!r} is no correction: add, move, delete or foot")
        if (self.kind == "move") != (self.to_frame is not None):
            raise BadInput("a move, and nothing else, says to which frame")
        if self.kind == "foot" and self.foot is None:
            raise BadInput("say which foot it was: left or right")


@dataclass(frozen=True)
class RecordedCorrection:
    """A correction with who made it and when."""

    number: int
    correction: Correction
    by: str
    """The account's name."""
    at: str
    undone: bool = False
    """Somebody took it back: it counts no more."""


def check_correction(
    correction: Correction, events: Sequence[PushOffEvent], seen: np.ndarray
) -> None:
    """Raise BadInput, in a sentence, for a correction that the push-offs as they stand cannot take.

    `seen`: (N,) bool, whether the athlete is in view in each frame of the video.
    """
    frames = {event.frame for event in events}
    if correction.kind != "add" and correction.frame not in frames:
        raise BadInput(
            f"There is no push-off in frame {correction.frame} any more: load the page again."
        )
    if correction.kind in ("delete", "foot"):
        return
    place = correction.frame if correction.to_frame is None else correction.to_frame
    if not 0 <= place < len(seen):
        raise BadInput(f"Frame {place} is outside the video, which has {len(seen)} frames.")
    if not seen[place]:
        raise BadInput(
            f"In frame {place} no athlete was followed, so there can be no push-off: choose a "
            "frame in which the athlete is seen."
        )
    if place in frames and (correction.kind == "add" or place != correction.frame):
        raise BadInput(f"There is a push-off in frame {place} already.")


def apply_corrections(
    events: Sequence[PushOffEvent], corrections: Sequence[Correction], times_s: np.ndarray
) -> list[PushOffEvent]:
    """The push-offs after the corrections, in order of time. `times_s`: (N,) camera seconds.

    A person's word is certain: probability 1, and of a foot 0 or 1. What a correction speaks of
    and is not there (the video was read anew meanwhile) is put there by `move`, and passed over by
    the others. Raises BadInput for a frame outside the video.
    """
    by_frame = {event.frame: event for event in events}
    for one in corrections:
        place = one.frame if one.to_frame is None else one.to_frame
        if not 0 <= place < len(times_s):
            raise BadInput(f"frame {place} is outside the video, which has {len(times_s)} frames")
        was = by_frame.get(one.frame)
        if one.kind == "foot":
            if was:
                by_frame[one.frame] = _with_foot(was, one.foot)
            continue
        if one.kind in ("move", "delete"):
            by_frame.pop(one.frame, None)
        if one.kind in ("move", "add"):
            by_frame[place] = _by_hand(was, place, float(times_s[place]), one.foot)
    return [by_frame[frame] for frame in sorted(by_frame)]


def record_correction(
    database: Database, session_id: str, account: Account, correction: Correction
) -> int:
    """Add to the log; returns its number."""
    row = {
        "session_id": check_session_id(session_id),
        "account_id": account.account_id,
        "at": now(),
        "kind": correction.kind,
        "frame": correction.frame,
        "to_frame": correction.to_frame,
        "foot": correction.foot.value if correction.foot else None,
    }
    with database.writing() as connection:
        return int(connection.execute(CORRECTIONS.insert().values(row)).inserted_primary_key[0])


def undo_last(database: Database, session_id: str, account: Account) -> RecordedCorrection | None:
    """Mark the latest that counts as undone, by whom and when; returns it, None when none does."""
    with database.writing() as connection:
        row = (
            connection.execute(_log(session_id).order_by(CORRECTIONS.c.id.desc()).limit(1))
            .mappings()
            .first()
        )
        if row is None:
            return None
        last = CORRECTIONS.c.id == row["id"]
        connection.execute(
            update(CORRECTIONS).where(last).values(undone_at=now(), undone_by=account.account_id)
        )
    return _noted(row)


def active_corrections(database: Database, session_id: str) -> list[RecordedCorrection]:
    """Those that count, oldest first."""
    return [one for one in correction_log(database, session_id) if not one.undone]


def correction_log(database: Database, session_id: str) -> list[RecordedCorrection]:
    """All there ever were, those that were taken back too, oldest first."""
    with database.reading() as connection:
        rows = connection.execute(_all(session_id).order_by(CORRECTIONS.c.id)).mappings().all()
    return [_noted(row) for row in rows]


def _all(session_id: str) -> Select:
    return (
        select(CORRECTIONS, ACCOUNTS.c.name)
        .join(ACCOUNTS, ACCOUNTS.c.id == CORRECTIONS.c.account_id)
        .where(CORRECTIONS.c.session_id == check_session_id(session_id))
    )


def _log(session_id: str) -> Select:
    return _all(session_id).where(CORRECTIONS.c.undone_at.is_(None))


def _noted(row: RowMapping) -> RecordedCorrection:
    foot = Foot(row["foot"]) if row["foot"] else None
    one = Correction(row["kind"], row["frame"], row["to_frame"], foot)
    return RecordedCorrection(row["id"], one, row["name"], row["at"], row["undone_at"] is not None)


def _with_foot(event: PushOffEvent, foot: Foot | None) -> PushOffEvent:
    return replace(event, left_probability=1.0 if foot is Foot.LEFT else 0.0)


def _by_hand(
    was: PushOffEvent | None, frame: int, time_s: float, foot: Foot | None
) -> PushOffEvent:
    """A push-off where a person put it; its toe stays, for the foot stands while it pushes."""
    made = PushOffEvent(frame, time_s, 1.0, uncertainty_frames=HUMAN_UNCERTAINTY_FRAMES)
    if was is not None:
        made = replace(
            was,
            frame=frame,
            time_s=time_s,
            probability=1.0,
            uncertainty_frames=HUMAN_UNCERTAINTY_FRAMES,
        )
    return _with_foot(made, foot) if foot else made
