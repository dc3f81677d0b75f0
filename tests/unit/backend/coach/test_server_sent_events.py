"""Live progress may not use up the connections of everybody else."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from backend.coach.server_sent_events import EACH, stream
from backend.errors import ApiError
from pushoff.coach.accounts import Account, Role


async def once() -> AsyncIterator[str]:
    """One event."""
    yield "data: 1\n\n"


def test_one_person_holds_few_streams_and_gets_them_back() -> None:
    """The seventh stream of one person is refused, another's is not; closed ones are free."""
    carla, otto = (Account(name * 4, name, Role.COACH) for name in ("carl", "otto"))

    async def go() -> None:
        held = [stream(carla, once()).body_iterator for _ in range(EACH)]
        for one in held:
            await anext(one)
        with pytest.raises(ApiError) as refused:
            stream(carla, once())
        assert refused.value.status == 429
        stream(otto, once())
        for one in held:
            await one.aclose()
        stream(carla, once())

    asyncio.run(go())
