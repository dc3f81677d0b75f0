"""Server-sent events: one polling loop for every stream, and limits for open streams."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from backend.errors import ApiError
from pushoff.coach.accounts import Account
from pushoff.errors import PushoffError

MAX_PER_ACCOUNT = 6
"""A browser opens at most six connections to one host."""
MAX_STREAMS = 128
"""In one process: a quarter of its connections, so that pages and Label Studio are still served."""
MAX_STREAM_S = 15 * 60
"""Then the stream ends; the browser reconnects, which checks its login again."""
KEEP_ALIVE_S = 15
"""Without events for so long a comment is sent, or proxies would close the stream."""


@dataclass(frozen=True)
class Update:
    """The current value of a stream."""

    data: Any
    """Sent as JSON when it differs from the previous value."""
    last: bool = False
    """No other value will follow: the stream ends."""


class EventStreams:
    """The open event streams of one process."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def response(self, account: Account, events: AsyncIterator[str]) -> StreamingResponse:
        """`text/event-stream` of the events. Raises ApiError 429 if too many streams are open."""
        key = account.account_id
        if self._open[key] >= MAX_PER_ACCOUNT or self._open.total() >= MAX_STREAMS:
            message = "Too many progress pages are open. Close some of them."
            raise ApiError(429, "too_many_streams", message, {"Retry-After": "10"})

        async def counted() -> AsyncIterator[str]:
            self._open[key] += 1
            try:
                async for event in events:
                    yield event
            finally:
                self._open[key] -= 1

        return StreamingResponse(counted(), media_type="text/event-stream")


async def poll(
    request: Request, load: Callable[[], Update], interval_s: float
) -> AsyncIterator[str]:
    """Call `load` in a thread every `interval_s` seconds and yield its value when it changes.

    A PushoffError of `load` is skipped: the next call tries again.
    """
    sent, sent_s = "", time.monotonic()
    ends_s = sent_s + MAX_STREAM_S
    while True:
        try:
            update = await asyncio.to_thread(load)
        except PushoffError:
            update = None
        now_s = time.monotonic()
        event = json.dumps(update.data) if update else sent
        if event != sent:
            yield f"data: {event}\n\n"
            sent, sent_s = event, now_s
        elif now_s - sent_s > KEEP_ALIVE_S:
            yield ": keep-alive\n\n"
            sent_s = now_s
        if (update and update.last) or now_s > ends_s or await request.is_disconnected():
            return
        await asyncio.sleep(interval_s)
