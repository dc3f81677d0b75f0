"""The HTTP service for Label Studio and coaches. `python -m backend.app --port 9090`."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from backend import errors
from backend.auth import BasicAuth
from backend.coach.router import coach_routes
from backend.errors import RETRY_AFTER_S, ApiError
from backend.label_studio_protocol import MAX_TASKS, NO_MODEL, parse_predict, project_id
from backend.metrics import CONTENT_TYPE
from backend.middleware import RequestLogging
from backend.prediction import DEADLINE_S
from backend.request_body import MAX_PREDICT_BYTES, ConcurrencyLimit, read_json
from backend.state import PREDICT_THREADS, AppState
from backend.webhooks import Decision, read_event
from pushoff.errors import PushoffError, QueueUnavailable
from pushoff.queue.connection import translate_redis_errors
from pushoff.settings import Settings

MAX_WAITING = 16
"""Predict requests that wait for one of the PREDICT_THREADS; further ones are refused."""
WEBHOOK_TIMEOUT_S = 0.55
"""Longest wait for one event. Label Studio closes the connection after 1 s, and its annotator waits
for the answer."""
VERSIONS_TIMEOUT_S = 2.0
"""Longest wait for the registry; Label Studio waits 3 s for the list of versions."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Raises SettingWrong if a secret is missing or a placeholder."""
    settings = settings or Settings()
    auth = BasicAuth(
        settings.backend_user,
        settings.secret("backend_password"),
        settings.secret("webhook_secret"),
    )
    state = AppState(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        state.start()
        try:
            yield
        finally:
            await asyncio.to_thread(state.close)

    app = FastAPI(openapi_url=None, redirect_slashes=False, lifespan=lifespan)
    errors.install(app, state.pages.error_page)
    app.add_middleware(RequestLogging, metrics=state.metrics)

    @app.get("/livez")
    async def livez() -> Response:
        """Liveness probe, the only route of this API without authentication."""
        return Response()

    webhook_routes = APIRouter(dependencies=[Depends(auth.basic_or_secret)])
    basic_routes = APIRouter(dependencies=[Depends(auth.basic)])
    _add_webhook(webhook_routes, state)
    _add_model_info(basic_routes, state)
    _add_predict(basic_routes, state)
    _add_train(basic_routes, state)
    coach = coach_routes(state)

    @basic_routes.api_route("/{path:path}", methods=METHODS)
    async def not_found(request: Request) -> None:
        """Without credentials every path answers 401, so that nobody learns which ones exist."""
        known = {
            route.path
            for router in (webhook_routes, basic_routes)
            for route in router.routes
            if isinstance(route, APIRoute)
        }
        raise HTTPException(405 if request.scope["path"] in {"/livez", *known} else 404)

    for router in (*coach, webhook_routes, basic_routes):
        app.include_router(router)
    return app


def _add_model_info(routes: APIRouter, state: AppState) -> None:
    @routes.get("/")
    @routes.get("/health")
    async def health() -> dict[str, str]:
        """Label Studio asks before every prediction and waits 1 s."""
        return {"status": "UP", "model_class": "PushoffModel"}

    @routes.post("/setup")
    async def setup(request: Request) -> dict[str, str]:
        """The version that serves. Project, host name and token in the body are ignored."""
        await read_json(request)
        return {"model_version": state.champion.version() or NO_MODEL}

    @routes.get("/versions")
    async def versions() -> dict[str, list[str]]:
        """Every version; if the registry does not answer, the version in use."""
        try:
            async with asyncio.timeout(VERSIONS_TIMEOUT_S):
                names = await asyncio.to_thread(state.champion.versions)
        except (PushoffError, TimeoutError):
            serving = state.champion.version()
            names = [serving] if serving else []
        return {"versions": names}

    @routes.get("/metrics")
    async def metrics() -> Response:
        """Counters in the Prometheus text format."""
        return Response(await asyncio.to_thread(_render_metrics, state), media_type=CONTENT_TYPE)


def _render_metrics(state: AppState) -> bytes:
    try:
        with translate_redis_errors():
            depths = {name: state.queue().jobs.rq_queue(name).count for name in ("fast", "train")}
    except PushoffError:
        return state.metrics.render(None)
    return state.metrics.render(depths)


def _add_predict(routes: APIRouter, state: AppState) -> None:
    limit = ConcurrencyLimit(PREDICT_THREADS, MAX_WAITING)

    def predict_json(label_config: str, tasks: list[Any], deadline: float) -> bytes:
        from backend.ml_backend import PushoffModel

        model = PushoffModel(label_config, state=state)
        results = model.predict(tasks, deadline=deadline)
        return bytes(JSONResponse({"results": results}).body)

    @routes.post("/predict")
    async def predict(request: Request) -> Response:
        """Exactly one item per task, in order."""
        deadline = time.monotonic() + DEADLINE_S
        async with limit.slot():
            body = await read_json(request, MAX_PREDICT_BYTES)
            if isinstance(body.get("tasks"), list) and len(body["tasks"]) > MAX_TASKS:
                raise ApiError(413, "too_many_tasks", f"At most {MAX_TASKS} tasks are allowed.")
            parsed = parse_predict(body)
            with state.metrics.timed_predict():
                content = await asyncio.get_running_loop().run_in_executor(
                    state.predict_threads,
                    predict_json,
                    parsed.label_config,
                    parsed.tasks,
                    deadline,
                )
        return Response(content, media_type="application/json")


def _add_webhook(routes: APIRouter, state: AppState) -> None:
    @routes.post("/webhook")
    async def webhook(request: Request) -> JSONResponse:
        """Count the event and answer."""
        event = read_event(await read_json(request))
        return await _decide(
            state, state.webhook_threads, event.action, lambda: state.webhooks.handle(event)
        )


def _add_train(routes: APIRouter, state: AppState) -> None:
    @routes.post("/train")
    async def train(request: Request) -> JSONResponse:
        """Request a retrain; newer versions of Label Studio send START_TRAINING instead."""
        project = project_id((await read_json(request)).get("project"))
        return await _decide(
            state, state.train_threads, "TRAIN", lambda: state.webhooks.start_training(project)
        )


async def _decide(
    state: AppState, threads: ThreadPoolExecutor, action: str, decide: Callable[[], Decision]
) -> JSONResponse:
    """Run `decide` in a thread and wait WEBHOOK_TIMEOUT_S at most.

    A slower decision still takes effect, so the metric counts it when it ends. Raises
    QueueUnavailable if the event is lost, and ApiError 503 if it is late.
    """

    def count() -> Decision:
        try:
            decision = decide()
        except QueueUnavailable:
            state.metrics.webhooks.labels(action, "lost").inc()
            raise
        state.metrics.webhooks.labels(action, decision.outcome).inc()
        return decision

    running = asyncio.get_running_loop().run_in_executor(threads, count)
    try:
        async with asyncio.timeout(WEBHOOK_TIMEOUT_S):
            decision = await asyncio.shield(running)
    except TimeoutError:
        running.add_done_callback(lambda done: done.cancelled() or done.exception())
        raise ApiError(
            503,
            "event_late",
            "The job queue (Redis) is slow. The event may still be recorded.",
            {"Retry-After": str(RETRY_AFTER_S)},
        ) from None
    return JSONResponse({"status": decision.outcome, **decision.body}, decision.status)


if __name__ == "__main__":
    from backend.server import main

    main()
