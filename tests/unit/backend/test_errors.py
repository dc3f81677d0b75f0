"""backend/errors.py: the table."""

import asyncio
import inspect

import pytest

from backend.errors import _TABLE, _pushoff_error
from pushoff import errors

EVERY = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.PushoffError)
]


@pytest.mark.logs_errors
@pytest.mark.parametrize("kind", EVERY)
def test_every_error_has_an_answer(kind: type[errors.PushoffError]) -> None:
    """Whatever is raised on purpose becomes a status, a code and a sentence."""
    answer = asyncio.run(_pushoff_error(None, kind("a sentence")))
    assert 400 <= answer.status_code < 600
    assert any(base in _TABLE for base in kind.__mro__)


@pytest.mark.logs_errors
@pytest.mark.parametrize("kind", [errors.QueueUnavailable, errors.StorageFailed])
def test_places_are_not_told(kind: type[errors.PushoffError]) -> None:
    """Errors that name paths and hosts are answered with a general sentence."""
    answer = asyncio.run(_pushoff_error(None, kind("/var/canary is full")))
    assert b"canary" not in answer.body
    assert answer.headers["retry-after"]
