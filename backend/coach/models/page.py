"""The models page: versions, held-out scores, the champion; promotion and rollback for admins."""

import threading
from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from backend.coach.auth.session_auth import HOME, CurrentUser, form, require_admin
from backend.coach.models.label_quality import label_quality_cards
from backend.coach.models.versions import ModelVersions, SingleFlight, load_versions
from backend.errors import ApiError
from backend.state import AppState
from pushoff.errors import PushoffError, Upstream
from pushoff.learning.registry.versions import RegisteredModel, describe_score
from pushoff.services import open_services
from pushoff.workflows.steps.request_analyses import request_analyses
from pushoff.workflows.steps.request_publishes import request_publishes

PATH = f"{HOME}/models"

Form = Annotated[dict[str, str], Depends(form)]


def routes(state: AppState) -> APIRouter:
    """The page and its two changes."""
    router = APIRouter()
    settings = state.settings
    label_studio_url = settings.label_studio_url if settings.label_studio_connected else ""
    registry_lookup: SingleFlight[ModelVersions] = SingleFlight()
    change_lock = threading.Lock()

    @router.get(PATH)
    def show(request: Request, user: CurrentUser) -> Response:
        """Every version; an error message if the registry is not available."""
        error, models = "", None
        try:
            models = registry_lookup.get(lambda: load_versions(state.registry()))
        except ApiError as slow:
            error = slow.message
        except PushoffError:
            error = "The model registry is not available. This page retries automatically."
        return state.pages.render(
            request,
            "models.html",
            503 if error else 200,
            models=models,
            describe_score=describe_score,
            label_cards=label_quality_cards(state.storage),
            error=error,
            mlflow_url=_public_url(settings.mlflow_uri),
            label_studio_url=_public_url(label_studio_url),
        )

    def change(make_change: Callable[[], RegisteredModel], reason: str) -> Response:
        """One change at a time: the model's files are verified first, which takes seconds."""
        if not change_lock.acquire(blocking=False):
            raise ApiError(409, "busy", "Another change is in progress. Reload the page.")
        try:
            model = make_change()
        finally:
            change_lock.release()
        try:
            with open_services(settings) as services:
                request_analyses(services)
                request_publishes(services, f"{model.version} {reason}")
        except Upstream:
            raise ApiError(
                503,
                "publish_not_requested",
                f"{model.version} is the champion. Label Studio has not been updated yet, because "
                "it or the job queue does not answer. The nightly job will update it.",
            ) from None
        return RedirectResponse(PATH, 303)

    @router.post(PATH + "/promote", dependencies=[Depends(require_admin)])
    def promote(fields: Form, user: CurrentUser) -> Response:
        """Make a version the champion, if the champion is still the one the page showed."""
        version, reason = fields.get("version", ""), f"promoted by hand by {user.name}"
        expected = fields.get("expected") or None
        return change(lambda: state.registry().promote(version, reason, expected), reason)

    @router.post(PATH + "/learn", dependencies=[Depends(require_admin)])
    def learn(user: CurrentUser) -> Response:
        """Request a training on all labels that are stored, checked sessions among them."""
        state.queue().request.learn_from_sessions(f"requested by {user.name}")
        return RedirectResponse(PATH, 303)

    @router.post(PATH + "/rollback", dependencies=[Depends(require_admin)])
    def rollback(fields: Form, user: CurrentUser) -> Response:
        """Make the previous champion the champion again."""
        reason = f"rolled back by {user.name}"
        expected = fields.get("expected") or None
        return change(lambda: state.registry().rollback(reason, expected), reason)

    return router


def _public_url(uri: str) -> str:
    """An HTTP URL without user and password; empty for anything else."""
    parsed = urlsplit(uri)
    if parsed.scheme not in ("http", "https") or not parsed.hostname:
        return ""
    return parsed._replace(netloc=parsed.netloc.rpartition("@")[2]).geturl().rstrip("/")
