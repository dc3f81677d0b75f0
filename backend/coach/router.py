"""Every route of the coach's page, and what stands before it."""

from fastapi import APIRouter, Depends, HTTPException

from backend.coach import (
    accounts_page,
    calibrating,
    clip_files,
    comparing,
    correcting,
    deleting,
    downloads,
    frames,
    models_page,
    overview,
    progress,
    rate,
    session_page,
    signing,
    static_files,
    training,
    trend_page,
    uploads,
)
from backend.coach.door import HOME, Door
from backend.parts import Parts

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def coach_routes(parts: Parts) -> tuple[APIRouter, ...]:
    """(what strangers may see: the sign-in page and its style; everything else)."""
    door = Door(lambda: parts.database, parts.settings.public_url)
    inside = APIRouter(dependencies=[Depends(door.enter)])
    for routes in (
        calibrating.routes(parts),
        clip_files.routes(parts),
        comparing.routes(parts),
        correcting.routes(parts),
        downloads.routes(parts),
        frames.routes(parts),
        accounts_page.routes(parts),
        deleting.routes(parts),
        models_page.routes(parts),
        overview.routes(parts),
        progress.routes(parts),
        rate.routes(parts),
        session_page.routes(parts),
        signing.routes(door),
        training.routes(parts),
        trend_page.routes(parts),
        uploads.routes(parts),
    ):
        inside.include_router(routes)

    @inside.api_route(HOME + "/{path:path}", methods=METHODS)
    async def nowhere() -> None:
        """What is not there is told to visitors only."""
        raise HTTPException(404)

    return static_files.routes(), signing.open_routes(door), inside
