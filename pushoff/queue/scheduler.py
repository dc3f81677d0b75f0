"""The scheduler: the nightly job once per local date, and periodic tasks every half minute."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from croniter import croniter

from pushoff.errors import PushoffError, QueueUnavailable, SettingWrong
from pushoff.queue.job_queue import JobQueue
from pushoff.queue.reconnect import run_until_stopped

log = logging.getLogger(__name__)

TICK_S = 30.0
"""Seconds between two ticks."""


class Scheduler:
    """Requests the nightly job and calls the periodic tasks, the sweep of retrains first."""

    def __init__(
        self, queue: JobQueue, nightly: str, tasks: Sequence[Callable[[], object]] = ()
    ) -> None:
        """`nightly` is a cron line in local time; `tasks` are called at every tick.

        Raises SettingWrong for an invalid cron line.
        """
        if not croniter.is_valid(nightly):
            raise SettingWrong(f"PUSHOFF_NIGHTLY: {nightly!r} is not a cron line like `30 2 * * *`")
        self._queue = queue
        self._nightly = nightly
        self._tasks = (queue.retrain.sweep, *tasks)

    def tick(self, now_s: float | None = None) -> str | None:
        """Do what is due, report, run the tasks; returns the nightly job's id if it was requested.

        `now_s` is a Unix time, by default the current one. A task that fails is logged and called
        again at the next tick. Raises QueueUnavailable.
        """
        now_s = time.time() if now_s is None else now_s
        job_id = self._request_nightly(now_s)
        self._queue.heartbeats.report_scheduler(now_s)
        for task in self._tasks:
            _run_periodic(task)
        return job_id

    def _request_nightly(self, now_s: float) -> str | None:
        """The nightly job of the last date, when it was due after the last tick.

        The last tick of any scheduler counts: a job that was due while none ran is requested late.
        Before the very first tick nothing was due.
        """
        last_tick_s = self._queue.heartbeats.scheduler_reported_s()
        if last_tick_s is None:
            return None
        due = croniter(self._nightly, datetime.fromtimestamp(now_s)).get_prev(datetime)
        if due < datetime.fromtimestamp(last_tick_s):
            return None
        job_id = self._queue.request.nightly(due.date())
        if job_id:
            log.info("nightly job of %s: %s", due.date(), job_id)
        return job_id


def run_scheduler(
    queue: JobQueue, nightly: str, tasks: Sequence[Callable[[], object]] = ()
) -> None:
    """Tick until SIGTERM or SIGINT; reconnects when Redis is away. Raises SettingWrong at once."""
    scheduler = Scheduler(queue, nightly, tasks)

    def serve(_stopped: threading.Event) -> bool:
        scheduler.tick()
        return False

    run_until_stopped(serve, pause_s=TICK_S)


def _run_periodic(task: Callable[[], object]) -> None:
    """An error of another service must not stop the scheduler."""
    try:
        task()
    except QueueUnavailable:
        raise
    except PushoffError as error:
        log.warning("periodic task failed, will retry: %s", error)
