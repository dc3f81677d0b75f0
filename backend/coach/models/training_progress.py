"""Live progress of trainings as server-sent events."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.server_sent_events import Update, poll
from backend.state import AppState
from pushoff.queue import JobQueue

INTERVAL_S = 1.0


def routes(state: AppState) -> APIRouter:
    """The stream of all projects together."""
    router = APIRouter()

    @router.get(f"{HOME}/models/training")
    async def training(request: Request, user: CurrentUser) -> StreamingResponse:
        """`text/event-stream`; each event is the list of `running_trainings`."""

        def load() -> Update:
            return Update(running_trainings(state.queue()))

        return state.event_streams.response(user, poll(request, load, INTERVAL_S))

    return router


def running_trainings(queue: JobQueue) -> list[dict[str, Any]]:
    """One entry for each project being trained: `project`, `state`, `stage`, `done`, `total`.

    Raises QueueUnavailable.
    """
    trainings = []
    for project_id, job_id in queue.retrain.running_jobs().items():
        job = queue.jobs.status(job_id)
        if job.done:
            continue
        trainings.append(
            {
                "project": project_id,
                "state": job.state,
                "stage": job.progress.stage,
                "done": job.progress.done,
                "total": job.progress.total,
            }
        )
    return trainings
