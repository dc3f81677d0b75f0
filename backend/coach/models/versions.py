"""The models of each project for the models page: versions, champion, promotion history."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.errors import ApiError
from pushoff.learning.registry.champions import HistoryEntry
from pushoff.learning.registry.registry import Registry
from pushoff.learning.registry.versions import EVENT_MODELS, ProjectKey, RegisteredModel

TIMEOUT_S = 2.5
"""Longest wait for the registry when a page is loaded."""
MAX_SHOWN = 20
"""The newest versions and promotions."""

T = TypeVar("T")


@dataclass(frozen=True)
class ProjectModels:
    """The models of one project."""

    project_id: ProjectKey
    champion: str | None
    models: tuple[RegisteredModel, ...]
    """Newest first."""
    older: int
    """Number of versions that are not in `models`."""
    history: tuple[HistoryEntry, ...]
    """Promotions and rollbacks, newest first."""

    @property
    def are_event_models(self) -> bool:
        """Whether these are the event models, which belong to no Label Studio project."""
        return self.project_id == EVENT_MODELS

    @property
    def may_roll_back(self) -> bool:
        """Whether there is a previous champion."""
        return self.champion is not None and len(self.history) > 1

    def reason(self, version: str) -> str:
        """Why the version was last promoted, or why it was not."""
        for entry in self.history:
            if entry.version == version:
                return entry.reason
        decisions = {model.version: model.decision for model in self.models}
        return decisions.get(version, "")


def project_models(registry: Registry) -> list[ProjectModels]:
    """Of every project, the event models first. Raises RegistryUnavailable."""
    projects = []
    for project_id in registry.projects():
        models, champion = registry.versions(project_id), registry.champion(project_id)
        projects.append(
            ProjectModels(
                project_id,
                champion.version if champion else None,
                tuple(models[:MAX_SHOWN]),
                max(len(models) - MAX_SHOWN, 0),
                tuple(reversed(registry.history(project_id)[-MAX_SHOWN:])),
            )
        )
    return projects


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
