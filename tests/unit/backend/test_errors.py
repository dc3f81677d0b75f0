"""backend/errors.py: the table of responses."""

import asyncio
import inspect

import pytest
from fastapi import FastAPI

from backend.errors import _TABLE, install
from pushoff import errors

EVERY = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.PushoffError)
]


def answer_to(error: errors.PushoffError):
    app = FastAPI()
    install(app)
    return asyncio.run(app.exception_handlers[errors.PushoffError](None, error))


@pytest.mark.logs_errors
@pytest.mark.parametrize("kind", EVERY)
def test_every_error_has_a_response(kind: type[errors.PushoffError]) -> None:
    """Each class has a status, a code and a message."""
    more = {}
    if kind is errors.VideoRefused:
        more = {"code": errors.VideoProblem.DAMAGED, "remedy": "Copy it again."}
    answer = answer_to(kind("a sentence", **more))
    assert 400 <= answer.status_code < 600
    assert any(base in _TABLE for base in kind.__mro__)


@pytest.mark.logs_errors
@pytest.mark.parametrize("kind", [errors.QueueUnavailable, errors.StorageFailed])
def test_paths_and_hosts_are_not_in_responses(kind: type[errors.PushoffError]) -> None:
    """Errors that name them have a fixed message."""
    answer = answer_to(kind("/var/canary is full"))
    assert b"canary" not in answer.body
    assert answer.headers["retry-after"]
