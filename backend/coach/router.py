"""Every route of the coach's page, and what stands before it."""

from fastapi import APIRouter, Depends, HTTPException

from backend.coach import static_files
from backend.coach.auth import accounts, sign_in
from backend.coach.auth.session_auth import HOME, SessionAuth
from backend.coach.models import page as models_page
from backend.coach.models import training_progress
from backend.coach.sessions import (
    calibration,
    capture_rate,
    clips,
    compare,
    corrections,
    delete,
    downloads,
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
    """(what strangers may see: the sign-in page and its style; everything else)."""
    auth = SessionAuth(lambda: state.database, state.settings.public_url)
    inside = APIRouter(dependencies=[Depends(auth.require_login)])
    for routes in (
        calibration.routes(state),
        clips.routes(state),
        compare.routes(state),
        corrections.routes(state),
        downloads.routes(state),
        images.routes(state),
        accounts.routes(state),
        delete.routes(state),
        models_page.routes(state),
        session_list.routes(state),
        progress.routes(state),
        capture_rate.routes(state),
        session_page.routes(state),
        sign_in.routes(auth),
        training_progress.routes(state),
        trend.routes(state),
        uploads.routes(state),
    ):
        inside.include_router(routes)

    @inside.api_route(HOME + "/{path:path}", methods=METHODS)
    async def nowhere() -> None:
        """What is not there is told to visitors only."""
        raise HTTPException(404)

    return static_files.routes(), sign_in.open_routes(auth), inside
