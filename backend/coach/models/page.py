"""The models page: versions, held-out scores, the champion; promotion and rollback for admins."""

import threading
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from backend.coach.auth.session_auth import HOME, CurrentUser, form, require_admin
from backend.coach.models.label_quality import label_quality_cards
from backend.coach.models.versions import ProjectModels, SingleFlight, project_models
from backend.errors import ApiError
from backend.state import AppState
from pushoff.errors import PushoffError, QueueUnavailable
from pushoff.learning.registry.versions import EVENT_MODELS, ProjectKey, RegisteredModel

PATH = f"{HOME}/models"

Form = Annotated[dict[str, str], Depends(form)]


def routes(state: AppState) -> APIRouter:
    """The page and its two changes."""
    router = APIRouter()
    settings = state.settings
    label_studio_url = settings.label_studio_url if settings.label_studio_connected else ""
    registry_lookup: SingleFlight[list[ProjectModels]] = SingleFlight()
    change_lock = threading.Lock()

    @router.get(PATH)
    def show(request: Request, user: CurrentUser) -> Response:
        """Every model; an error message if the registry is not available."""
        error, projects = "", []
        try:
            projects = registry_lookup.get(lambda: project_models(state.registry()))
        except ApiError as slow:
            error = slow.message
        except PushoffError:
            error = "The model registry is not available. This page retries automatically."
        return state.pages.render(
            request,
            "models.html",
            503 if error else 200,
            projects=projects,
            label_cards=label_quality_cards(state.storage),
            error=error,
            mlflow_url=_public_url(settings.mlflow_uri),
            label_studio_url=_public_url(label_studio_url),
        )

    def change(
        project_id: ProjectKey, make_change: Callable[[], RegisteredModel], reason: str
    ) -> Response:
        """One change at a time: the model's files are verified first, which takes seconds."""
        if not change_lock.acquire(blocking=False):
            raise ApiError(409, "busy", "Another change is in progress. Reload the page.")
        try:
            model = make_change()
        finally:
            change_lock.release()
        if project_id != EVENT_MODELS:
            try:
                state.queue().request.publish(project_id, reason=f"{model.version} {reason}")
            except QueueUnavailable:
                raise ApiError(
                    503,
                    "queue_unavailable",
                    f"{model.version} is the champion. Label Studio has not been updated yet "
                    "because the job queue is unavailable. The nightly job will update it.",
                ) from None
        return RedirectResponse(PATH, 303)

    @router.post(PATH + "/{project_id}/promote", dependencies=[Depends(require_admin)])
    def promote(project_id: ProjectKey, fields: Form, user: CurrentUser) -> Response:
        """Make a version the champion, if the champion is still the one the page showed."""
        version, reason = fields.get("version", ""), f"promoted by hand by {user.name}"
        expected = fields.get("expected") or None
        registry = state.registry()
        return change(
            project_id, lambda: registry.promote(project_id, version, reason, expected), reason
        )

    @router.post(PATH + "/{project_id}/rollback", dependencies=[Depends(require_admin)])
    def rollback(project_id: ProjectKey, fields: Form, user: CurrentUser) -> Response:
        """Make the previous champion the champion again."""
        reason = f"rolled back by {user.name}"
        expected = fields.get("expected") or None
        registry = state.registry()
        return change(project_id, lambda: registry.rollback(project_id, reason, expected), reason)

    return router


def _public_url(uri: str) -> str:
    """An HTTP URL without user and password; empty for anything else."""
    parsed = urlsplit(uri)
    if parsed.scheme not in ("http", "https") or not parsed.hostname:
        return ""
    return parsed._replace(netloc=parsed.netloc.rpartition("@")[2]).geturl().rstrip("/")
