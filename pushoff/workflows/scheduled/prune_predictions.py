"""Predictions of earlier orders: deleted as time goes by, a little at every tick of the scheduler.

No worker is busy with it, and Label Studio answers annotators in between.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pushoff.errors import PushoffError, QueueUnavailable
from pushoff.services import Services
from pushoff.studio.old_predictions import delete_of_next_tasks, delete_small, old_versions

KEPT_S = 2 * 3600.0
"""How long after an order was replaced its predictions are kept: somebody may have one on the
screen."""
BUDGET_S = 5.0
"""Seconds of each tick, which comes every half minute."""
LOOK_EVERY_S = 300.0
"""After everything old is deleted."""
STEP_WAIT_S = 0.1
"""How long a step waits for a publish of the project to end; then it is left to the next tick."""

log = logging.getLogger(__name__)


class PredictionPruner:
    """Deletes old predictions step by step, and remembers where it was."""

    def __init__(
        self,
        services: Services,
        budget_s: float = BUDGET_S,
        kept_s: float = KEPT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services, self._budget_s, self._kept_s = services, budget_s, kept_s
        self._clock = clock
        self._next_look_s: dict[int, float] = {}
        self._after: dict[int, int] = {}
        """By project, the last task that was looked through."""

    def tick(self) -> int:
        """Delete for BUDGET_S seconds at most; returns the number of deleted predictions.

        A project that fails is logged and tried again later. Raises StudioUnreachable and
        StudioRefused when the projects cannot be listed, QueueUnavailable.
        """
        if not self._services.label_studio_connected:
            return 0
        until = self._clock() + self._budget_s
        deleted = 0
        for project_id in self._services.projects():
            try:
                while self._clock() < until and self._is_due(project_id):
                    deleted += self._step(project_id, lambda: self._clock() < until)
            except QueueUnavailable as error:
                if error.code != "lock_timeout":
                    raise
            except PushoffError as error:
                log.warning("old predictions of project %d stay: %s", project_id, error)
                self._rest(project_id)
        return deleted

    def _is_due(self, project_id: int) -> bool:
        return self._next_look_s.get(project_id, 0.0) <= self._clock()

    def _rest(self, project_id: int) -> None:
        """Nothing is left to delete: look again later."""
        self._next_look_s[project_id] = self._clock() + LOOK_EVERY_S
        self._after[project_id] = 0

    def _step(self, project_id: int, has_time: Callable[[], bool]) -> int:
        """One version, or old predictions of a page of tasks; returns how many were deleted."""
        studio = self._services.studio
        before = datetime.now(UTC) - timedelta(seconds=self._kept_s)
        with self._services.queue.locks.publish(project_id, STEP_WAIT_S):
            old = old_versions(studio, project_id, before)
            if not old:
                self._rest(project_id)
                return 0
            if delete_small(studio, project_id, old[0]):
                return old[0].predictions
            names = {version.name for version in old}
            after = self._after.get(project_id, 0)
            last, deleted = delete_of_next_tasks(studio, project_id, names, after, has_time)
            if last is None:
                self._rest(project_id)
            else:
                self._after[project_id] = last
            return deleted
