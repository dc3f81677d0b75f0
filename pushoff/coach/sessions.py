"""Coaches' sessions: one row for each upload, its state, and who may see it."""

import json
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.engine import RowMapping

from pushoff.coach.accounts import Account, Role
from pushoff.coach.database import SESSIONS, Database
from pushoff.errors import CAPTURE_RATE_PROBLEMS, BadInput, NoSuchSession
from pushoff.util.ids import check_session_id
from pushoff.util.timestamps import now
from pushoff.values import Exercise

MAX_ATHLETE_LENGTH = 120
MAX_FILENAME_LENGTH = 255
MAX_CAPTURE_FPS = 2000
"""Phones and action cameras reach 960 frames per second."""


class State(str, Enum):
    """The state of a session."""

    UPLOADING = "uploading"
    WAITING = "waiting"
    """The video is complete; its analysis has not started."""
    ANALYZING = "analyzing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class SessionDetails:
    """What a coach enters before the upload."""

    athlete: str
    exercise: Exercise
    filmed_on: date
    capture_fps: float | None
    """Frame rate of the camera; None to take the rate of the file."""
    filename: str
    """On the coach's device; shown on pages, never used as a path."""
    size_bytes: int
    """Of all its files together."""
    footage: str = "real"
    """`real` or `synthetic`."""


@dataclass(frozen=True)
class CoachSession:
    """One row of the list."""

    session_id: str
    """16 random hex digits, independent of the video."""
    owner_id: str
    details: SessionDetails
    consent_at: str
    created_at: str
    state: State
    reason: str | None
    """Why it failed, as a sentence for the coach."""
    reason_code: str | None
    """Why it failed, for decisions: see `pushoff.coach.failure_reason.FailureReason`."""
    video_id: str | None
    """First 16 hex digits of the video's SHA-256: its key in `storage`."""
    model_version: str | None
    headline: str | None
    push_offs: int | None
    calibration: dict[str, Any] | None
    """For `pushoff.events.measure.ground_calibration`; pixels of the video, not of the preview."""
    checked_at: str | None = None
    """When somebody checked the whole video; None: nobody did, or the check was withdrawn."""
    newer_version: str | None = None
    """The version of the newer analysis beside the one that people corrected or checked."""

    @property
    def needs_capture_rate(self) -> bool:
        """Whether it failed because the camera's frame rate is unknown or impossible."""
        return self.reason_code in CAPTURE_RATE_PROBLEMS


def parse_capture_rate(text: str | float) -> float:
    """The camera's frame rate from a form field. Raises BadInput."""
    try:
        rate = float(str(text).strip().replace(",", "."))
    except ValueError:
        rate = 0.0
    if not 1 <= rate <= MAX_CAPTURE_FPS:
        raise BadInput(
            f"The camera's frame rate must be a number from 1 to {MAX_CAPTURE_FPS}, not "
            f"{text!r:.40}.",
            code="invalid_capture_rate",
        )
    return rate


def create_session(
    database: Database, owner: Account, details: SessionDetails, *, consent: bool
) -> CoachSession:
    """Create a session in the state UPLOADING.

    Raises BadInput without consent, for an annotator's account, and for an invalid name, date or
    frame rate.
    """
    if owner.role is Role.ANNOTATOR:
        raise BadInput("Annotators cannot upload sessions: sign in as a coach.", code="not_allowed")
    if not consent:
        raise BadInput(
            "Confirm the athlete's consent by ticking the box. Nothing is stored without it.",
            code="no_consent",
        )
    athlete = _check_entries(details.athlete, details.filmed_on)
    rate = None if details.capture_fps is None else parse_capture_rate(details.capture_fps)
    session_id, filename = secrets.token_hex(8), _display_name(details.filename)
    row = {
        "id": session_id,
        "owner_id": owner.account_id,
        "athlete": athlete,
        "exercise": details.exercise.value,
        "filmed_on": details.filmed_on.isoformat(),
        "capture_fps": rate,
        "footage": details.footage,
        "filename": filename,
        "size_bytes": details.size_bytes,
        "consent_at": now(),
        "created_at": now(),
        "state": State.UPLOADING.value,
        "search_text": normalize_for_search(f"{athlete}\n{filename}"),
    }
    with database.writing() as connection:
        connection.execute(SESSIONS.insert().values(row))
    return get_session(database, session_id)


def change_entries(
    database: Database, session_id: str, athlete: str, exercise: Exercise, filmed_on: date
) -> None:
    """Change what the coach entered at the upload. Raises BadInput for a name or date."""
    athlete = _check_entries(athlete, filmed_on)
    change_session(
        database,
        session_id,
        athlete=athlete,
        exercise=exercise.value,
        filmed_on=filmed_on.isoformat(),
    )


def _check_entries(athlete: str, filmed_on: date) -> str:
    """The athlete's name, stripped. Raises BadInput."""
    athlete = athlete.strip()
    if not 1 <= len(athlete) <= MAX_ATHLETE_LENGTH or not athlete.isprintable():
        raise BadInput(
            f"Enter the athlete's name, at most {MAX_ATHLETE_LENGTH} characters.",
            code="invalid_athlete",
        )
    if filmed_on > date.today():
        raise BadInput(
            f"{filmed_on} is in the future: enter the day of the recording.", code="date_in_future"
        )
    return athlete


def get_session(database: Database, session_id: str, viewer: Account | None = None) -> CoachSession:
    """The session, if `viewer` may see it; None for a viewer checks nothing.

    Raises NoSuchSession, with the same message for a session that does not exist and one of
    another coach, so that ids cannot be guessed. Raises Unsafe for an invalid id.
    """
    query = select(SESSIONS).where(SESSIONS.c.id == check_session_id(session_id), not_deleted())
    if viewer is not None:
        query = query.where(visible_to(viewer))
    with database.reading() as connection:
        row = connection.execute(query).mappings().first()
    if row is None:
        raise NoSuchSession("There is no such session, or it belongs to another coach.")
    return session_of_row(row)


def may_change(account: Account, session: CoachSession) -> bool:
    """Whether the account may delete, calibrate or retry the session."""
    return account.role is Role.ADMIN or (
        account.role is Role.COACH and account.account_id == session.owner_id
    )


def mark_uploaded(database: Database, session_id: str) -> None:
    """Change the state from UPLOADING to WAITING; any other state stays."""
    uploading = SESSIONS.c.state == State.UPLOADING.value
    with database.writing() as connection:
        connection.execute(
            update(SESSIONS)
            .where(SESSIONS.c.id == check_session_id(session_id), uploading)
            .values(state=State.WAITING.value)
        )


def change_session(database: Database, session_id: str, **values: object) -> None:
    """Set columns: `state`, `reason`, `video_id`, `headline`, `calibration`, ...

    All of them in one transaction. A new state clears the reason of an earlier failure, unless it
    comes with a reason. A session deleted meanwhile stays deleted.
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
            for athlete, filename in connection.execute(select(*names).where(this)).all():
                search_text = normalize_for_search(f"{athlete}\n{filename}")
                connection.execute(update(SESSIONS).where(this).values(search_text=search_text))


def stored_bytes(database: Database, owner_id: str) -> int:
    """Size of all videos of one coach, including unfinished uploads."""
    total = select(func.coalesce(func.sum(SESSIONS.c.size_bytes), 0))
    with database.reading() as connection:
        query = total.where(SESSIONS.c.owner_id == owner_id, not_deleted())
        return int(connection.execute(query).scalar_one())


def not_deleted() -> ColumnElement[bool]:
    """SQL condition: nobody has asked to delete the session."""
    return SESSIONS.c.deleted_at.is_(None)


def visible_to(viewer: Account) -> ColumnElement[bool]:
    """SQL condition: coaches see their own sessions, annotators and admins see all."""
    if viewer.role is Role.COACH:
        return SESSIONS.c.owner_id == viewer.account_id
    return true()


def normalize_for_search(text: str) -> str:
    """Without case and accents: `Änne Großmann` and `ANNE GROSSMANN` become the same.

    Done here because databases fold the case of ASCII letters only.
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def session_of_row(row: RowMapping) -> CoachSession:
    """A row of the table as a value."""
    return CoachSession(
        session_id=row["id"],
        owner_id=row["owner_id"],
        details=SessionDetails(
            athlete=row["athlete"],
            exercise=Exercise(row["exercise"]),
            filmed_on=date.fromisoformat(row["filmed_on"]),
            capture_fps=row["capture_fps"],
            filename=row["filename"],
            size_bytes=row["size_bytes"],
            footage=row["footage"],
        ),
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
        checked_at=row["checked_at"],
        newer_version=row["newer_version"],
    )


def _display_name(filename: str) -> str:
    """The last part of a path, without unprintable characters."""
    name = re.split(r"[/\\]", filename)[-1].strip()[:MAX_FILENAME_LENGTH]
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)
