"""What the models page shows: each project's versions, which one serves, and why."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.errors import ApiError
from pushoff.errors import PushoffError
from pushoff.learning.registry.registry import Registry
from pushoff.learning.registry.versions import (
    EVENT_MODELS,
    HistoryEntry,
    ProjectKey,
    RegisteredModel,
)

TIMEOUT_S = 2.5
"""Longest wait for the registry while somebody looks at a page."""
MAX_SHOWN = 20
"""Versions and changes of champion shown, the newest."""

T = TypeVar("T")


@dataclass(frozen=True)
class ProjectModels:
    """The models of one project."""

    project_id: ProjectKey
    champion: str | None
    models: tuple[RegisteredModel, ...]
    """Newest first."""
    more: int
    """Versions older than those."""
    history: tuple[HistoryEntry, ...]
    """Changes of champion, newest first."""

    @property
    def of_events(self) -> bool:
        """The models that read whole videos, which belong to no Label Studio project."""
        return self.project_id == EVENT_MODELS

    @property
    def may_roll_back(self) -> bool:
        """Some champion was there before this one."""
        return self.champion is not None and len(self.history) > 1

    def why(self, version: str) -> str:
        """The last reason written down for the version: of its promotion, else of its keeping."""
        entries = (one.reason for one in self.history if one.version == version)
        known = {one.version: one.decision for one in self.models}
        return next(entries, known.get(version, ""))


def project_models(registry: Registry) -> list[ProjectModels]:
    """Every project's, the event models first. Raises RegistryUnavailable."""
    found = []
    for project_id in registry.projects():
        models, champion = registry.versions(project_id), registry.champion(project_id)
        found.append(
            ProjectModels(
                project_id,
                champion.version if champion else None,
                tuple(models[:MAX_SHOWN]),
                max(len(models) - MAX_SHOWN, 0),
                tuple(reversed(registry.history(project_id)[-MAX_SHOWN:])),
            )
        )
    return found


class SingleFlight(Generic[T]):
    """A question that may take long: asked in a thread of its own, one at a time, waited for only
    so long."""

    def __init__(self, seconds: float = TIMEOUT_S) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._asked: tuple[Future[T], float] | None = None

    def ask(self, question: Callable[[], T]) -> T:
        """The answer, to this question or to one like it still waited for.

        Raises ApiError 503 when it does not come in time, and what the question raises.
        """
        with self._lock:
            if self._asked is None or self._asked[0].done():
                self._asked = Future[T](), time.monotonic()
                threading.Thread(
                    target=_answer, args=(self._asked[0], question), daemon=True
                ).start()
            future = self._asked[0]
        try:
            return future.result(self._seconds)
        except TimeoutError:
            raise ApiError(
                503,
                "registry_slow",
                "The registry of models does not answer yet; this page looks again by itself.",
            ) from None


def _answer(future: "Future[T]", question: Callable[[], T]) -> None:
    try:
        future.set_result(question())
    except PushoffError as error:
        future.set_exception(error)
    except Exception as error:  # told to whoever waits, not lost with the thread
        future.set_exception(error)
