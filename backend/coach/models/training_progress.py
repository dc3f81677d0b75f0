"""Training as it goes on, as server-sent events: one event for every change."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from backend.coach.auth.session_auth import HOME, CurrentUser
from backend.coach.server_sent_events import stream
from backend.coach.sessions.progress import EVERY_S, LONGEST_S, QUIET_S
from backend.state import AppState
from pushoff.errors import PushoffError
from pushoff.queue import JobQueue


def routes(state: AppState) -> APIRouter:
    """The stream of every project's training."""
    router = APIRouter()

    @router.get(f"{HOME}/models/training")
    async def training(request: Request, user: CurrentUser) -> StreamingResponse:
        """`text/event-stream`; each event is the list that `running_trainings` gives."""

        async def events() -> AsyncIterator[str]:
            sent, said_s, ends = None, 0.0, time.monotonic() + LONGEST_S
            while time.monotonic() < ends and not await request.is_disconnected():
                try:
                    news = await asyncio.to_thread(running_trainings, state.queue())
                except PushoffError:  # a moment's trouble: the next look says
                    news = sent
                if news is not None and news != sent:
                    yield f"data: {json.dumps(news)}\n\n"
                    sent, said_s = news, time.monotonic()
                elif time.monotonic() - said_s > QUIET_S:
                    yield ": still here\n\n"
                    said_s = time.monotonic()
                await asyncio.sleep(2 * EVERY_S)

        return stream(user, events())

    return router


def running_trainings(queue: JobQueue) -> list[dict[str, Any]]:
    """One entry for each project being trained: `project`, `state`, `stage`, `done`, `total`.

    Raises QueueUnavailable.
    """
    found = []
    for project_id, job_id in queue.retrain.running_jobs().items():
        job = queue.jobs.status(job_id)
        if job.done:
            continue
        found.append(
            {
                "project": project_id,
                "state": job.state,
                "stage": job.progress.stage,
                "done": job.progress.done,
                "total": job.progress.total,
            }
        )
    return found
