"""Versions and promotions for the models page."""

import threading

import pytest

from backend.coach.models.versions import ModelVersions, SingleFlight
from backend.errors import ApiError
from pushoff.learning.registry.champions import HistoryEntry


def test_the_reason_is_that_of_the_last_promotion() -> None:
    """History is newest first; a version in neither list has no reason."""
    history = (
        HistoryEntry("2026-11-29", "promote", "b", "a", "better again"),
        HistoryEntry("2026-11-28", "rollback", "a", "b", "worse"),
        HistoryEntry("2026-11-27", "promote", "b", "a", "better"),
    )
    models = ModelVersions("b", (), 0, history)
    assert [models.reason(version) for version in "abc"] == ["worse", "better again", ""]


def test_a_slow_call_is_awaited_only_so_long() -> None:
    """503 meanwhile; the next request joins the running call and does not start another."""
    go, calls = threading.Event(), []

    def slow() -> str:
        calls.append(1)
        go.wait(10)
        return "done"

    flight: SingleFlight[str] = SingleFlight(timeout_s=0.05)
    for _ in range(2):
        with pytest.raises(ApiError):
            flight.get(slow)
    assert calls == [1]
    go.set()


def test_an_error_reaches_the_caller() -> None:
    """And the next call runs again."""
    flight: SingleFlight[int] = SingleFlight(timeout_s=5)
    with pytest.raises(ZeroDivisionError):
        flight.get(lambda: 1 // 0)
    assert flight.get(lambda: 2) == 2
