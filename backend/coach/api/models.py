"""What the JSON routes return, for FastAPI's response models and the OpenAPI description.

The keys of a report are those of docs/file-formats.md, "Report"; keys that are added later pass
through undocumented rather than being dropped.
"""

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from backend.coach.sessions.status import SessionStatus
from pushoff.coach.sessions import State
from pushoff.values import Exercise


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class ErrorDetail(BaseModel):
    """Why a request was refused."""

    code: str = Field(description="For programs: it does not change with the wording")
    message: str = Field(description="For people")
    request_id: str = Field(description="Names the entry in the server's log")


class Error(BaseModel):
    """The body of every error."""

    error: ErrorDetail


class Session(BaseModel):
    """One uploaded video."""

    id: str
    athlete: str
    exercise: Exercise = Field(description="The exercise that the coach entered")
    filmed_on: date
    capture_fps: float | None = Field(
        description="The camera's frame rate as entered; null: that of the file"
    )
    footage: str = Field(description="`real` or `synthetic`")
    filename: str
    created_at: str = Field(description="Time of the upload, UTC")
    state: State
    reason: str | None = Field(description="Why the analysis failed")
    reason_code: str | None = Field(description="The same for programs")
    headline: str | None = Field(description="The exercise found, in a few words")
    push_offs: int | None = Field(description="Number of push-offs in the report")
    model_version: str | None
    calibrated: bool = Field(description="Whether distances can be measured")


class SessionList(BaseModel):
    """One page of the sessions, the newest first."""

    sessions: list[Session]
    count: int = Field(description="Number of sessions on all pages")
    next: str | None = Field(description="Address of the next page")


class PushOff(_Open):
    """One push-off; the keys of `push_offs` in a report."""

    number: str
    frame: int
    time_s: float | None = Field(description="Camera seconds; null: the frame rate is unknown")
    uncertainty_s: float | None = Field(description="One standard deviation")
    foot: str | None = Field(description="`left`, `right` or null")
    probability: float


class PushOffList(BaseModel):
    """The push-offs of a session after corrections, in order of time."""

    session_id: str
    frames: int = Field(description="Number of frames of the video")
    capture_fps: float | None = Field(description="The camera's frame rate; null: unknown")
    push_offs: list[PushOff]


class Report(_Open):
    """The report on one video after corrections and calibration, as it can be downloaded."""

    format: int = Field(description="Raised when a key is removed or changes its meaning")
    headline: str
    no_push_offs_reason: str | None
    warnings: list[str]
    video: dict[str, Any]
    athlete: dict[str, Any]
    model: dict[str, Any]
    push_offs: list[PushOff]
    sequence: dict[str, Any]
    distances: dict[str, Any]
    curve: dict[str, Any]


class SessionReport(Report):
    """The report, and what people entered and corrected."""

    session: dict[str, Any]


class PageData(_Open):
    """The report after a change, and what the session's page needs besides."""

    report: Report
    manual_frames: list[int] = Field(description="Frames of push-offs that a person set")
    corrections: list[dict[str, Any]] = Field(description="The active ones, oldest first")
    calibration: dict[str, Any] | None
    calibration_obstacle: str | None = Field(description="Why the session cannot be calibrated")


def session_model(status: SessionStatus) -> Session:
    """A session with the state that its job has now."""
    session, details = status.session, status.session.details
    return Session(
        id=session.session_id,
        athlete=details.athlete,
        exercise=details.exercise,
        filmed_on=details.filmed_on,
        capture_fps=details.capture_fps,
        footage=details.footage,
        filename=details.filename,
        created_at=session.created_at,
        state=session.state,
        reason=session.reason,
        reason_code=session.reason_code,
        headline=session.headline,
        push_offs=session.push_offs,
        model_version=session.model_version,
        calibrated=session.calibration is not None,
    )
