"""How many event streams one person, and everybody together, may hold open in one process."""

from collections import Counter
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse

from backend.errors import ApiError
from pushoff.coach.accounts import Account

EACH, TOGETHER = 6, 128
"""A browser opens six connections to one address at most (RFC 2616 gave two); all streams are a
quarter of the connections a process takes, so that the page and Label Studio go on."""
_OPEN: Counter[str] = Counter()


def stream(account: Account, events: AsyncIterator[str]) -> StreamingResponse:
    """`text/event-stream` of the events. Raises ApiError 429 when too many are open."""
    who = account.account_id
    if _OPEN[who] >= EACH or _OPEN.total() >= TOGETHER:
        message = "Too many pages show live progress at once: close some."
        raise ApiError(429, "too_many_streams", message, {"Retry-After": "10"})

    async def counted() -> AsyncIterator[str]:
        _OPEN[who] += 1
        try:
            async for event in events:
                yield event
        finally:
            _OPEN[who] -= 1

    return StreamingResponse(counted(), media_type="text/event-stream")
