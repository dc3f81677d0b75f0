"""Every route of the coach's pages, and the login they require."""

from fastapi import APIRouter, Depends, HTTPException

from backend.coach import static_files
from backend.coach.api import openapi
from backend.coach.api import sessions as api_sessions
from backend.coach.auth import accounts, own_account, sign_in
from backend.coach.auth.session_auth import HOME, SessionAuth
from backend.coach.models import page as models_page
from backend.coach.models import training_progress
from backend.coach.sessions import (
    calibration,
    capture_rate,
    check,
    clips,
    compare,
    corrections,
    delete,
    downloads,
    entries,
    images,
    progress,
    trend,
)
from backend.coach.sessions import list as session_list
from backend.coach.sessions import page as session_page
from backend.coach.uploads import routes as uploads
from backend.state import AppState

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def coach_routes(state: AppState) -> tuple[APIRouter, ...]:
    """(static files, sign-in page, everything that requires a login)."""
    auth = SessionAuth(lambda: state.database, state.password_threads, state.settings.public_url)
    private = APIRouter(dependencies=[Depends(auth.require_login)])
    for routes in (
        accounts.routes(state),
        api_sessions.routes(state),
        calibration.routes(state),
        capture_rate.routes(state),
        check.routes(state),
        clips.routes(state),
        compare.routes(state),
        corrections.routes(state),
        delete.routes(state),
        downloads.routes(state),
        entries.routes(state),
        images.routes(state),
        models_page.routes(state),
        openapi.routes(private),
        own_account.routes(state, auth),
        progress.routes(state),
        session_list.routes(state),
        session_page.routes(state),
        sign_in.routes(auth),
        training_progress.routes(state),
        trend.routes(state),
        uploads.routes(state),
    ):
        private.include_router(routes)

    @private.api_route(HOME + "/{path:path}", methods=METHODS)
    async def not_found() -> None:
        """404 only after the login: without one every path answers 401."""
        raise HTTPException(404)

    return static_files.routes(), sign_in.open_routes(state.pages, auth), private
