"""backend/errors.py: the table."""

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
def test_every_error_has_an_answer(kind: type[errors.PushoffError]) -> None:
    """Whatever is raised on purpose becomes a status, a code and a sentence."""
    more = {}
    if kind is errors.VideoRefused:
        more = {"code": errors.VideoProblem.DAMAGED, "remedy": "Copy it again."}
    answer = answer_to(kind("a sentence", **more))
    assert 400 <= answer.status_code < 600
    assert any(base in _TABLE for base in kind.__mro__)


@pytest.mark.logs_errors
@pytest.mark.parametrize("kind", [errors.QueueUnavailable, errors.StorageFailed])
def test_places_are_not_told(kind: type[errors.PushoffError]) -> None:
    """Errors that name paths and hosts are answered with a general sentence."""
    answer = answer_to(kind("/var/canary is full"))
    assert b"canary" not in answer.body
    assert answer.headers["retry-after"]
