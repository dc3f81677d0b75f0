"""Models: versions, held-out scores, which one serves and why; promote and roll back for admins."""

import threading
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from backend.coach.auth.session_auth import HOME, CurrentUser, admin, form
from backend.coach.models.label_quality import labels_cards
from backend.coach.models.versions import ProjectModels, SingleFlight, project_models
from backend.coach.templating import page
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
    connected = settings.label_studio_connected
    label_studio = settings.label_studio_url if connected else ""
    looking: SingleFlight[list[ProjectModels]] = SingleFlight()
    changing = threading.Lock()

    @router.get(PATH)
    def show(request: Request, user: CurrentUser) -> Response:
        """What there is; without the registry the page says so."""
        trouble, found = "", []
        try:
            found = looking.ask(lambda: project_models(state.registry()))
        except ApiError as slow:
            trouble = slow.message
        except PushoffError:
            trouble = "The registry of models cannot be reached; this page looks again by itself."
        return page(
            request,
            "models.html",
            503 if trouble else 200,
            shelves=found,
            label_cards=labels_cards(state.storage),
            trouble=trouble,
            mlflow=_shown_address(settings.mlflow_uri),
            label_studio=_shown_address(label_studio),
        )

    def change(project_id: ProjectKey, asked: Callable[[], RegisteredModel], why: str) -> Response:
        """The model's files are proven first, which takes seconds; so one at a time."""
        if not changing.acquire(blocking=False):
            raise ApiError(409, "busy", "Another change is under way. Load the page again.")
        try:
            model = asked()
        finally:
            changing.release()
        if project_id != EVENT_MODELS:
            try:
                state.queue().request.publish(project_id, reason=f"{model.version} {why}")
            except QueueUnavailable:
                raise ApiError(
                    503,
                    "queue_unavailable",
                    f"{model.version} serves, but Label Studio does not show it yet, for the job "
                    "queue does not answer: the nightly job will see to it.",
                ) from None
        return RedirectResponse(PATH, 303)

    @router.post(PATH + "/{project_id}/promote", dependencies=[Depends(admin)])
    def promote(project_id: ProjectKey, given: Form, user: CurrentUser) -> Response:
        """Let a version serve, if the champion is still the one the page showed."""
        version, why = given.get("version", ""), f"promoted by hand by {user.name}"
        expected = given.get("expected") or None
        registry = state.registry()
        return change(project_id, lambda: registry.promote(project_id, version, why, expected), why)

    @router.post(PATH + "/{project_id}/rollback", dependencies=[Depends(admin)])
    def rollback(project_id: ProjectKey, given: Form, user: CurrentUser) -> Response:
        """Let the champion before this one serve again."""
        why = f"rolled back by {user.name}"
        expected = given.get("expected") or None
        registry = state.registry()
        return change(project_id, lambda: registry.rollback(project_id, why, expected), why)

    return router


def _shown_address(uri: str) -> str:
    """A web address without its user and password; empty for what no browser opens."""
    parsed = urlsplit(uri)
    if parsed.scheme not in ("http", "https") or not parsed.hostname:
        return ""
    return parsed._replace(netloc=parsed.netloc.rpartition("@")[2]).geturl().rstrip("/")
