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


def coach_routes(parts: AppState) -> tuple[APIRouter, ...]:
    """(what strangers may see: the sign-in page and its style; everything else)."""
    door = SessionAuth(lambda: parts.database, parts.settings.public_url)
    inside = APIRouter(dependencies=[Depends(door.enter)])
    for routes in (
        calibration.routes(parts),
        clips.routes(parts),
        compare.routes(parts),
        corrections.routes(parts),
        downloads.routes(parts),
        images.routes(parts),
        accounts.routes(parts),
        delete.routes(parts),
        models_page.routes(parts),
        session_list.routes(parts),
        progress.routes(parts),
        capture_rate.routes(parts),
        session_page.routes(parts),
        sign_in.routes(door),
        training_progress.routes(parts),
        trend.routes(parts),
        uploads.routes(parts),
    ):
        inside.include_router(routes)

    @inside.api_route(HOME + "/{path:path}", methods=METHODS)
    async def nowhere() -> None:
        """What is not there is told to visitors only."""
        raise HTTPException(404)

    return static_files.routes(), sign_in.open_routes(door), inside
