"""What the models page shows of the registry: versions, champion, promotion history."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.errors import ApiError
from pushoff.learning.registry.champions import HistoryEntry, champion_stack
from pushoff.learning.registry.registry import Registry
from pushoff.learning.registry.versions import RegisteredModel

TIMEOUT_S = 2.5
"""Longest wait for the registry when a page is loaded."""
MAX_SHOWN = 20
"""The newest versions and promotions."""

T = TypeVar("T")


@dataclass(frozen=True)
class ModelVersions:
    """The versions of the model, and which of them is in use."""

    champion: str | None
    versions: tuple[RegisteredModel, ...]
    """Newest first."""
    older: int
    """Number of versions that are not in `versions`."""
    history: tuple[HistoryEntry, ...]
    """Promotions and rollbacks, newest first."""
    may_roll_back: bool = False
    """There is a champion before this one to return to."""

    def reason(self, version: str) -> str:
        """Why the version was last promoted, or why it was not."""
        for entry in self.history:
            if entry.version == version:
                return entry.reason
        decisions = {model.version: model.decision for model in self.versions}
        return decisions.get(version, "")


def load_versions(registry: Registry) -> ModelVersions:
    """The newest versions and promotions. Raises RegistryUnavailable."""
    versions, champion, history = registry.versions(), registry.champion(), registry.history()
    return ModelVersions(
        champion=champion.version if champion else None,
        versions=tuple(versions[:MAX_SHOWN]),
        older=max(len(versions) - MAX_SHOWN, 0),
        history=tuple(reversed(history[-MAX_SHOWN:])),
        may_roll_back=champion is not None and len(champion_stack(history, champion.version)) > 1,
    )


class SingleFlight(Generic[T]):
    """Runs a slow function in a thread, at most once at a time, and waits a limited time."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._running: Future[T] | None = None

    def get(self, function: Callable[[], T]) -> T:
        """The result of `function`, or of a call that is still running.

        Raises ApiError 503 after the timeout, and what the function raises.
        """
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                threading.Thread(target=_run, args=(self._running, function), daemon=True).start()
            future = self._running
        try:
            return future.result(self._timeout_s)
        except TimeoutError:
            raise ApiError(
                503,
                "registry_slow",
                "The model registry has not answered yet. This page retries automatically.",
            ) from None


def _run(future: "Future[T]", function: Callable[[], T]) -> None:
    try:
        future.set_result(function())
    except Exception as error:  # raised in the threads that wait for the result
        future.set_exception(error)
