"""The report to take home: CSV, JSON, HTML, PDF, after every correction and calibration."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.templating import EXERCISES
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.session_report import SessionView, current_report
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.coach.strip_images import strip_images
from pushoff.report.html import render_html
from pushoff.report.json_csv import as_json, csv_text
from pushoff.report.pdf import Cover, render_pdf
from pushoff.report.presentation import strip_frames
from pushoff.util.canonical_json import canonical_json

AT = f"{HOME}/sessions/{{session_id}}/download"
ALONE = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Content-Security-Policy of a downloaded page: were it opened here it could still do nothing."""
LONGEST_NAME = 120


def routes(state: AppState) -> APIRouter:
    """One route a format."""
    router = APIRouter()

    def found(session_id: str, viewer: Account) -> tuple[CoachSession, SessionView]:
        session = get_session(state.database, session_id, viewer)
        return session, current_report(state.database, state.storage, session)

    def pictures(session: CoachSession, now: SessionView) -> dict[int, bytes]:
        frames = strip_frames(now.report)
        return strip_images(state.storage, session.session_id, now.analysis, frames)

    @router.get(AT + "/push_offs.csv")
    def push_offs(session_id: str, user: CurrentUser) -> Response:
        """A row for each push-off, for a spreadsheet."""
        session, now = found(session_id, user)
        return _file(csv_text(now.report), "text/csv; charset=utf-8", session, "csv")

    @router.get(AT + "/report.json")
    def as_data(session_id: str, user: CurrentUser) -> Response:
        """Everything, for programs."""
        session, now = found(session_id, user)
        data = canonical_json({**as_json(now.report), "session": _said(session, now)})
        return _file(data, "application/json", session, "json")

    @router.get(AT + "/report.html")
    def as_page(session_id: str, user: CurrentUser) -> Response:
        """One page with pictures that needs nothing else."""
        session, now = found(session_id, user)
        text = render_html(now.report, pictures(session, now))
        policy = {"Content-Security-Policy": ALONE}
        return _file(text, "text/html; charset=utf-8", session, "html", policy)

    @router.get(AT + "/report.pdf")
    def as_print(session_id: str, user: CurrentUser) -> Response:
        """A4 pages to print."""
        session, now = found(session_id, user)
        said = session.details
        cover = Cover(
            said.athlete, said.filmed_on, EXERCISES[said.exercise], said.footage == "synthetic"
        )
        data = render_pdf(now.report, cover, pictures(session, now))
        return _file(data, "application/pdf", session, "pdf")

    return router


def attachment(session: CoachSession, ending: str, more: str = "") -> str:
    """Content-Disposition: athlete-date-exercise, plain and as RFC 5987 writes it."""
    said = session.details
    name = f"{said.athlete}-{said.filmed_on}-{said.exercise.value}{more}"
    whole = re.sub(r"[\s\x00-\x1f\x7f/\\:*?\"<>|]+", " ", unicodedata.normalize("NFC", name))
    whole = whole.strip(" .")[-LONGEST_NAME:].strip(" .")
    letters = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", letters).strip("._-") or "session"
    spelled = quote(whole.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{spelled}.{ending}"


def _said(session: CoachSession, now: SessionView) -> dict[str, Any]:
    """What people said of the session, and what they corrected."""
    said = session.details
    return {
        "athlete": said.athlete,
        "filmed_on": said.filmed_on.isoformat(),
        "exercise_asked": said.exercise.value,
        "footage": said.footage,
        "calibrated": session.calibration is not None,
        "corrections": [
            {"kind": one.correction.kind, "frame": one.correction.frame, "by": one.by, "at": one.at}
            for one in now.corrections
        ],
    }


def _file(
    content: str | bytes,
    kind: str,
    session: CoachSession,
    ending: str,
    more: Mapping[str, str] | None = None,
) -> Response:
    headers = {
        "Content-Disposition": attachment(session, ending),
        "Cache-Control": "private, no-store",
        **(more or {}),
    }
    return Response(content, media_type=kind, headers=headers)
