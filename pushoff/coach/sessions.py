"""A coach's sessions as a list shows them, and who may see which."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.engine import RowMapping

from pushoff.coach.accounts import Account, Role
from pushoff.coach.database import SESSIONS, Database
from pushoff.coach.searching import normalize_for_search
from pushoff.errors import CAPTURE_RATE_PROBLEMS, BadInput, NoSuchSession
from pushoff.util.ids import check_session_id
from pushoff.util.timestamps import now
from pushoff.values import Exercise

MAX_ATHLETE_LENGTH = 120
MAX_CAPTURE_FPS = 2000
"""Phones and action cameras reach 960 frames per second."""


class State(str, Enum):
    """How far a session is."""

    UPLOADING = "uploading"
    WAITING = "waiting"
    ANALYZING = "analyzing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class SessionDetails:
    """What a coach says of a session before its video is there."""

    athlete: str
    exercise: Exercise
    filmed_on: date
    capture_fps: float | None
    """The camera's frames per second; None to believe the file."""
    filename: str
    """As the coach's device called it; shown, never a path."""
    size_bytes: int
    """Of all its files together."""
    footage: str = "real"


@dataclass(frozen=True)
class CoachSession:
    """One row of the list. `footage` is `real` or `synthetic`."""

    session_id: str
    """16 random hex digits; it says nothing of the video."""
    owner_id: str
    details: SessionDetails
    consent_at: str
    created_at: str
    state: State
    reason: str | None
    """Why it failed, a sentence for the coach."""
    reason_code: str | None
    """Why it failed, for decisions: see `pushoff.coach.failure_reason.FailureReason`."""
    video_id: str | None
    """First 16 hex digits of the video's SHA-256: its session in `storage`."""
    model_version: str | None
    headline: str | None
    push_offs: int | None
    calibration: dict[str, Any] | None
    """For `pushoff.events.measure.ground_calibration`; pixels of the video, not of the preview."""

    @property
    def needs_capture_rate(self) -> bool:
        """Whether it failed because the camera's frame rate is not known or cannot be right."""
        return self.reason_code in CAPTURE_RATE_PROBLEMS


def parse_capture_rate(told: str | float) -> float:
    """The camera's frames per second, out of what a person wrote. Raises BadInput."""
    try:
        rate = float(str(told).strip().replace(",", "."))
    except ValueError:
        rate = 0.0
    if not 1 <= rate <= MAX_CAPTURE_FPS:
        raise BadInput(
            f"The camera's rate is a number from 1 to {MAX_CAPTURE_FPS}, not {told!r:.40}."
        )
    return rate


def create_session(
    database: Database, owner: Account, told: SessionDetails, *, consent: bool
) -> CoachSession:
    """A session whose video is still to come. Raises BadInput without consent or athlete."""
    if owner.role is Role.ANNOTATOR:
        raise BadInput("Annotators upload no sessions: sign in as a coach.")
    if not consent:
        raise BadInput("Tick that the athlete agreed to be filmed: without it nothing is kept.")
    athlete = told.athlete.strip()
    if not 1 <= len(athlete) <= MAX_ATHLETE_LENGTH or not athlete.isprintable():
        raise BadInput(f"Write the athlete's name, at most {MAX_ATHLETE_LENGTH} characters.")
    rate = None if told.capture_fps is None else parse_capture_rate(told.capture_fps)
    if told.filmed_on > date.today():
        raise BadInput(f"{told.filmed_on} lies in the future: give the day it was filmed.")
    row = {
        "id": secrets.token_hex(8),
        "owner_id": owner.account_id,
        "athlete": athlete,
        "exercise": told.exercise.value,
        "filmed_on": told.filmed_on.isoformat(),
        "capture_fps": rate,
        "footage": told.footage,
        "filename": _shown_name(told.filename),
        "size_bytes": told.size_bytes,
        "consent_at": now(),
        "created_at": now(),
        "state": State.UPLOADING.value,
    }
    row["search"] = normalize_for_search(f"{row['athlete']}\n{row['filename']}")
    with database.writing() as connection:
        connection.execute(SESSIONS.insert().values(row))
    return get_session(database, row["id"])


def get_session(database: Database, session_id: str, viewer: Account | None = None) -> CoachSession:
    """The session. Raises NoSuchSession when there is none, or `viewer` may not see it.

    Both sound the same: nobody learns which ids exist. Raises Unsafe for what is not an id.
    """
    wanted = select(SESSIONS).where(SESSIONS.c.id == check_session_id(session_id), not_deleted())
    if viewer is not None:
        wanted = wanted.where(visible_to(viewer))
    with database.reading() as connection:
        row = connection.execute(wanted).mappings().first()
    if row is None:
        raise NoSuchSession("There is no such session, or it is another coach's.")
    return session_of_row(row)


def may_change(account: Account, session: CoachSession) -> bool:
    """Whether the account may delete, describe or retry the session."""
    return account.role is Role.ADMIN or (
        account.role is Role.COACH and account.account_id == session.owner_id
    )


def mark_uploaded(database: Database, session_id: str) -> None:
    """Its video is whole and it waits to be read; one that is further already stays as it is."""
    uploading = SESSIONS.c.state == State.UPLOADING.value
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS)
            .where(SESSIONS.c.id == check_session_id(session_id), uploading)
            .values(state=State.WAITING.value)
        )


def change_session(database: Database, session_id: str, **values: object) -> None:
    """Note what became of it: `state`, `reason`, `video_id`, `headline`, `calibration`, ...

    A new state clears the reason of an earlier failure, unless it comes with a reason. A session
    deleted meanwhile stays deleted. Values are written whole, or none of them.
    """
    row: dict[str, object] = dict(values)
    if "state" in row:
        row["state"] = State(row["state"]).value
        row = {"reason": None, "reason_code": None} | row
    if isinstance(row.get("calibration"), Mapping):
        row["calibration"] = json.dumps(row["calibration"])
    this = SESSIONS.c.id == check_session_id(session_id)
    names = (SESSIONS.c.athlete, SESSIONS.c.filename)
    with database.writing() as connection:
        connection.execute(update(SESSIONS).where(this).values(row))
        if row.keys() & {"athlete", "filename"}:
            for found in connection.execute(select(*names).where(this)).all():
                search = normalize_for_search("\n".join(found))
                connection.execute(update(SESSIONS).where(this).values(search=search))


def stored_bytes(database: Database, owner_id: str) -> int:
    """How much the videos of one coach weigh, also those still arriving."""
    total = select(func.coalesce(func.sum(SESSIONS.c.size_bytes), 0))
    with database.reading() as connection:
        mine = total.where(SESSIONS.c.owner_id == owner_id, not_deleted())
        return int(connection.execute(mine).scalar())


def not_deleted() -> ColumnElement[bool]:
    """Nobody has asked to delete it."""
    return SESSIONS.c.deleted_at.is_(None)


def visible_to(viewer: Account) -> ColumnElement[bool]:
    """What the viewer may see: coaches their own, others everything; never what is deleted."""
    if viewer.role is Role.COACH:
        return SESSIONS.c.owner_id == viewer.account_id
    return SESSIONS.c.id == SESSIONS.c.id


def _shown_name(filename: str) -> str:
    name = re.split(r"[/\\]", filename)[-1].strip()[:255]
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in name)


def session_of_row(row: RowMapping) -> CoachSession:
    """A row of the table as a value."""
    details = SessionDetails(
        athlete=row["athlete"],
        exercise=Exercise(row["exercise"]),
        filmed_on=date.fromisoformat(row["filmed_on"]),
        capture_fps=row["capture_fps"],
        filename=row["filename"],
        size_bytes=row["size_bytes"],
        footage=row["footage"],
    )
    return CoachSession(
        session_id=row["id"],
        owner_id=row["owner_id"],
        details=details,
        consent_at=row["consent_at"],
        created_at=row["created_at"],
        state=State(row["state"]),
        reason=row["reason"],
        reason_code=row["reason_code"],
        video_id=row["video_id"],
        model_version=row["model_version"],
        headline=row["headline"],
        push_offs=row["push_offs"],
        calibration=json.loads(row["calibration"]) if row["calibration"] else None,
    )
