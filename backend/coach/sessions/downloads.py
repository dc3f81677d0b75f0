"""Downloads of the current report: CSV, JSON, HTML, PDF."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response

from backend.coach.auth.bearer import token_scope
from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.templating import EXERCISES
from backend.state import AppState
from pushoff.coach.accounts import Account
from pushoff.coach.api_tokens import Scope
from pushoff.coach.review.checks import Check, check_of
from pushoff.coach.review.session_truth import checked_truth, touched_truth
from pushoff.coach.session_report import SessionView, current_report
from pushoff.coach.sessions import CoachSession, get_session
from pushoff.coach.strip_images import strip_images
from pushoff.events.ground_truth_json import as_events_json
from pushoff.report.cover import Cover
from pushoff.report.film_strips import strip_frames
from pushoff.report.html import render_html
from pushoff.report.json_csv import as_json, csv_text
from pushoff.report.pdf import render_pdf
from pushoff.util.canonical_json import canonical_json

PATH = f"{HOME}/sessions/{{session_id}}/download"
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Content-Security-Policy of the HTML report: opened on this site, it cannot run anything."""
MAX_NAME_LENGTH = 120
MAX_VIDEO_LENGTH = 40
"""Of the part of the video's name in it: athlete and day are not cut off."""


def routes(state: AppState) -> APIRouter:
    """One route for each format."""
    router = APIRouter(tags=["files"], default_response_class=Response)

    def load(session_id: str, user: Account) -> tuple[CoachSession, SessionView]:
        session = get_session(state.database, session_id, user)
        return session, current_report(state.database, state.storage, session)

    def images(session: CoachSession, view: SessionView) -> dict[int, bytes]:
        strips = strip_frames(view.report)
        return strip_images(state.storage, session.session_id, view.analysis, strips)

    @router.get(PATH + "/push_offs.csv", responses=_file_of("text/csv"))
    @token_scope(Scope.READ)
    def push_offs(session_id: str, user: CurrentUser) -> Response:
        """One row for each push-off, for a spreadsheet."""
        session, view = load(session_id, user)
        return _file(
            csv_text(view.report, _cover(session)), "text/csv; charset=utf-8", session, "csv"
        )

    @router.get(PATH + "/report.json", responses=_file_of("application/json"))
    @token_scope(Scope.READ)
    def json_report(session_id: str, user: CurrentUser) -> Response:
        """The whole report, for programs."""
        session, view = load(session_id, user)
        data = canonical_json(report_document(state, session, view))
        return _file(data, "application/json", session, "json")

    @router.get(PATH + "/events.json", responses=_file_of("application/json"))
    @token_scope(Scope.READ)
    def events(session_id: str, user: CurrentUser) -> Response:
        """What people know of the video, as `pushoff train --clips` and `evaluate` read it.

        Of a checked session that is every push-off, else what was corrected.
        """
        session, view = load(session_id, user)
        truth_of = touched_truth if session.checked_at is None else checked_truth
        truth = as_events_json(truth_of(session, view), view.report.file_fps)
        data = canonical_json({session.details.filename: truth})
        return _file(data, "application/json", session, "json", suffix="-events")

    @router.get(PATH + "/report.html", responses=_file_of("text/html"))
    @token_scope(Scope.READ)
    def html_report(session_id: str, user: CurrentUser) -> Response:
        """One self-contained page with images."""
        session, view = load(session_id, user)
        text = render_html(view.report, images(session, view), _cover(session))
        policy = {"Content-Security-Policy": SANDBOX}
        return _file(text, "text/html; charset=utf-8", session, "html", policy)

    @router.get(PATH + "/report.pdf", responses=_file_of("application/pdf"))
    @token_scope(Scope.READ)
    def pdf_report(session_id: str, user: CurrentUser) -> Response:
        """A4 pages for printing."""
        session, view = load(session_id, user)
        data = render_pdf(view.report, _cover(session), images(session, view))
        return _file(data, "application/pdf", session, "pdf")

    return router


def _file_of(media_type: str) -> dict[int | str, dict[str, Any]]:
    """The response in the OpenAPI description."""
    return {200: {"description": "The file", "content": {media_type: {}}}}


def report_document(state: AppState, session: CoachSession, view: SessionView) -> dict[str, Any]:
    """The JSON report, with what people entered, corrected and checked under `session`."""
    check = check_of(state.database, session.session_id)
    return {**as_json(view.report), "session": _session_data(session, view, check)}


def attachment(session: CoachSession, extension: str, suffix: str = "") -> str:
    """Content-Disposition with the name athlete-date-exercise-file, in ASCII and encoded.

    The file's name tells two videos of one day apart. Encoded as in RFC 5987.
    """
    details = session.details
    video = (details.filename.rpartition(".")[0] or details.filename)[:MAX_VIDEO_LENGTH]
    name = f"{details.athlete}-{details.filmed_on}-{details.exercise.value}-{video}{suffix}"
    safe = re.sub(r"[\s\x00-\x1f\x7f/\\:*?\"<>|]+", " ", unicodedata.normalize("NFC", name))
    safe = safe.strip(" .")[-MAX_NAME_LENGTH:].strip(" .")
    ascii_name = unicodedata.normalize("NFKD", safe).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", ascii_name).strip("._-") or "session"
    encoded = quote(safe.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{encoded}.{extension}"


def _cover(session: CoachSession) -> Cover:
    details = session.details
    return Cover(
        details.athlete,
        details.filmed_on,
        EXERCISES[details.exercise],
        details.footage == "synthetic",
    )


def _session_data(session: CoachSession, view: SessionView, check: Check | None) -> dict[str, Any]:
    """What people entered, corrected and checked."""
    details = session.details
    return {
        "athlete": details.athlete,
        "filmed_on": details.filmed_on.isoformat(),
        "exercise_asked": details.exercise.value,
        "footage": details.footage,
        "calibrated": session.calibration is not None,
        "checked": {"by": check.by, "at": check.at} if check else None,
        "corrections": [
            {
                "kind": entry.correction.kind,
                "frame": entry.correction.frame,
                "by": entry.by,
                "at": entry.at,
            }
            for entry in view.corrections
        ],
    }


def _file(
    content: str | bytes,
    media_type: str,
    session: CoachSession,
    extension: str,
    extra_headers: Mapping[str, str] | None = None,
    suffix: str = "",
) -> Response:
    headers = {
        "Content-Disposition": attachment(session, extension, suffix),
        "Cache-Control": "private, no-store",
        **(extra_headers or {}),
    }
    return Response(content, media_type=media_type, headers=headers)
