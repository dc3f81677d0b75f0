"""backend/coach/server_sent_events.py: limits for open streams, and the polling loop."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from backend.coach import server_sent_events
from backend.coach.server_sent_events import MAX_PER_ACCOUNT, EventStreams, Update, poll
from backend.errors import ApiError
from pushoff.coach.accounts import Account, Role
from pushoff.errors import QueueUnavailable


async def once() -> AsyncIterator[str]:
    """One event."""
    yield "data: 1\n\n"


def test_an_account_has_a_limit_of_open_streams() -> None:
    """The seventh stream of one account is refused, another account's is not; a closed stream
    frees its place."""
    carla, otto = (Account(name * 4, name, Role.COACH) for name in ("carl", "otto"))
    streams = EventStreams()

    async def go() -> None:
        opened = [streams.response(carla, once()).body_iterator for _ in range(MAX_PER_ACCOUNT)]
        for stream in opened:
            await anext(stream)
        with pytest.raises(ApiError) as refused:
            streams.response(carla, once())
        assert refused.value.status == 429
        streams.response(otto, once())
        for stream in opened:
            await stream.aclose()
        streams.response(carla, once())

    asyncio.run(go())


class Connected:
    """A request whose client stays connected."""

    async def is_disconnected(self) -> bool:
        """Never."""
        return False


def events(*results: Update | Exception) -> list[Any]:
    """What `poll` yields if `load` returns or raises these, one after the other."""
    remaining = list(results)

    def load() -> Update:
        result = remaining.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    async def go() -> list[str]:
        return [event async for event in poll(Connected(), load, 0.0)]

    return asyncio.run(go())


def test_poll_sends_changes_until_the_last_value() -> None:
    """Equal values and temporary failures send nothing."""
    sent = events(
        Update({"frame": 1}),
        Update({"frame": 1}),
        QueueUnavailable("Redis is down"),
        Update({"frame": 2}, last=True),
    )
    assert [json.loads(event.removeprefix("data: ")) for event in sent] == [
        {"frame": 1},
        {"frame": 2},
    ]
    assert all(event.endswith("\n\n") for event in sent)


def test_poll_keeps_an_idle_connection_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without changes a comment is sent, so that proxies do not close the stream."""
    monkeypatch.setattr(server_sent_events, "KEEP_ALIVE_S", -1)
    assert events(Update(1), Update(1), Update(2, last=True)) == [
        "data: 1\n\n",
        ": keep-alive\n\n",
        "data: 2\n\n",
    ]
