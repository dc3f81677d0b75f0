"""The service Label Studio talks to. `python -m backend.app --host 127.0.0.1 --port 9090`."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from backend import errors
from backend.auth import BasicAuth
from backend.coach.router import coach_routes
from backend.coach.templating import error_page
from backend.errors import ApiError
from backend.label_studio_protocol import MAX_TASKS, NO_MODEL, parse_predict, project_id
from backend.metrics import CONTENT_TYPE
from backend.middleware import RequestLogging
from backend.prediction import DEADLINE_S
from backend.request_body import MAX_PREDICT_BYTES, ConcurrencyLimit, read_json
from backend.state import AppState
from backend.webhooks import Decision, read_event
from pushoff.errors import PushoffError, QueueUnavailable
from pushoff.queue.connection import translate_redis_errors
from pushoff.settings import Settings

PREDICT_THREADS, WAITING = 4, 16
"""Requests predicted at once in one process, and how many more may wait."""
WEBHOOK_TIMEOUT_S = 0.55
"""Longest work on one event; Label Studio hangs up after 1 s, and its annotator waits as long."""
WEBHOOK_THREADS = 16
VERSIONS_TIMEOUT_S = 2.0
"""Longest wait for the registry's list; Label Studio waits 3 s."""
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Raises SettingWrong when a secret is missing or a placeholder."""
    settings = settings or Settings()
    guard = BasicAuth(
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
    errors.install(app, error_page)
    app.add_middleware(RequestLogging, metrics=state.metrics)

    @app.get("/livez")
    async def livez() -> Response:
        """The one open route: the process answers."""
        return Response()

    hooks = APIRouter(dependencies=[Depends(guard.basic_or_secret)])
    guarded = APIRouter(dependencies=[Depends(guard.basic)])
    _webhook(hooks, state)
    _small(guarded, state)
    _predict(guarded, state)
    _train(guarded, state)
    coach = coach_routes(state)

    @guarded.api_route("/{path:path}", methods=METHODS)
    async def nowhere(request: Request) -> None:
        """Known addresses are told to strangers by nothing, not even a 404."""
        known = {route.path for router in (hooks, guarded) for route in router.routes}
        raise HTTPException(405 if request.scope["path"] in {"/livez", *known} else 404)

    for router in coach:
        app.include_router(router)
    app.include_router(hooks)
    app.include_router(guarded)
    return app


def _small(routes: APIRouter, state: AppState) -> None:
    @routes.get("/")
    @routes.get("/health")
    async def health() -> dict[str, str]:
        """Label Studio asks before every prediction and waits for one second."""
        return {"status": "UP", "model_class": "PushoffModel"}

    @routes.post("/setup")
    async def setup(request: Request) -> dict[str, str]:
        """Tells the version served. The host name and token in the body are not looked at."""
        project = project_id((await read_json(request)).get("project"))
        if project is None:
            return {"model_version": NO_MODEL}
        state.champions.watch(project)
        return {"model_version": state.champions.version(project) or NO_MODEL}

    @routes.get("/versions")
    async def versions(project: str | None = None) -> dict[str, list[str]]:
        """Every version of one project, or of all known ones: Label Studio names none."""
        asked = project_id(project)
        projects = [asked] if asked else state.champions.projects()
        try:
            async with asyncio.timeout(VERSIONS_TIMEOUT_S):
                found = await asyncio.to_thread(state.champions.versions, projects)
        except (PushoffError, TimeoutError):
            served = map(state.champions.version, projects)
            found = [version for version in served if version]
        return {"versions": found}

    @routes.get("/metrics")
    async def metrics() -> Response:
        """Counters, as Prometheus reads them."""
        return Response(await asyncio.to_thread(_render, state), media_type=CONTENT_TYPE)


def _render(state: AppState) -> bytes:
    try:
        with translate_redis_errors():
            depths = {name: state.queue().jobs.rq_queue(name).count for name in ("fast", "train")}
    except PushoffError:
        depths = None
    return state.metrics.render(depths)


def _predict(routes: APIRouter, state: AppState) -> None:
    slots = ConcurrencyLimit(PREDICT_THREADS, WAITING)
    threads = ThreadPoolExecutor(PREDICT_THREADS, "predict")

    def answer(label_config: str, tasks: list[Any], project: int | None, deadline: float) -> bytes:
        from backend.ml_backend import PushoffModel

        model = PushoffModel(label_config, state=state)
        results = model.predict(tasks, project=project, deadline=deadline)
        return JSONResponse({"results": results}).body

    @routes.post("/predict")
    async def predict(request: Request) -> Response:
        """One item per task, in order, always."""
        deadline = time.monotonic() + DEADLINE_S
        async with slots.slot():
            body = await read_json(request, MAX_PREDICT_BYTES)
            if isinstance(body.get("tasks"), list) and len(body["tasks"]) > MAX_TASKS:
                raise ApiError(413, "too_many_tasks", f"At most {MAX_TASKS} tasks are answered.")
            asked = parse_predict(body)
            with state.metrics.timed_predict():
                found = await asyncio.get_running_loop().run_in_executor(
                    threads, answer, asked.label_config, asked.tasks, asked.project_id, deadline
                )
        return Response(found, media_type="application/json")


def _webhook(routes: APIRouter, state: AppState) -> None:
    threads = ThreadPoolExecutor(WEBHOOK_THREADS, "webhook")

    @routes.post("/webhook")
    async def webhook(request: Request) -> JSONResponse:
        """Note the event and answer."""
        event = read_event(await read_json(request))
        return await _decide(threads, state, event.action, lambda: state.webhooks.handle(event))


def _train(routes: APIRouter, state: AppState) -> None:
    threads = ThreadPoolExecutor(2, "train")

    @routes.post("/train")
    async def train(request: Request) -> JSONResponse:
        """The older name of START_TRAINING."""
        project = project_id((await read_json(request)).get("project"))
        receiver = state.webhooks
        return await _decide(threads, state, "TRAIN", lambda: receiver.start_training(project))


async def _decide(
    threads: ThreadPoolExecutor, state: AppState, action: str, decide: Callable[[], Decision]
) -> JSONResponse:
    """Run `decide` in a thread, WEBHOOK_S long at most. Raises QueueUnavailable."""
    try:
        async with asyncio.timeout(WEBHOOK_TIMEOUT_S):
            decision = await asyncio.get_running_loop().run_in_executor(threads, decide)
    except (QueueUnavailable, TimeoutError) as error:
        state.metrics.webhooks.labels(action, "lost").inc()
        raise QueueUnavailable(f"event {action} is lost: {error or 'Redis is slow'}") from None
    state.metrics.webhooks.labels(action, decision.outcome).inc()
    return JSONResponse({"status": decision.outcome, **decision.body}, decision.status)


if __name__ == "__main__":
    from backend.server import main

    main()
