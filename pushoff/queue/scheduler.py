"""The clock: the nightly job once per local date, and what must happen every half minute."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from croniter import croniter
from redis import Redis
from rq.cron import CronJob, CronScheduler
from rq.job import Job

from pushoff.errors import PushoffError, QueueUnavailable, SettingWrong
from pushoff.queue.jobs import FAST
from pushoff.queue.reconnect import run_until_stopped
from pushoff.queue.retrain_slot import JobQueue

log = logging.getLogger(__name__)

TICK_S = 30.0
"""The sweep and whatever else is regular happen this often, seconds."""


class NightlyJob(CronJob):
    """RQ's own would put an unsigned pickle into the queue; this one asks our queue, by date."""

    def __init__(self, jobs: JobQueue, cron: str) -> None:
        super().__init__(FAST, func_name=jobs.jobs["nightly"], cron=cron, name="nightly")
        self._jobs = jobs

    def enqueue(self, connection: Redis) -> Job | None:
        """The job of the date it was due on, which is another than today's just after midnight."""
        due = self.next_enqueue_time or datetime.now().astimezone()
        ask_nightly(self._jobs, due.astimezone().date())
        return None


class Scheduler(CronScheduler):
    """RQ's scheduler, with signed jobs, regular work and a memory of missed nights."""

    def __init__(
        self, jobs: JobQueue, nightly: str, ticks: Sequence[Callable[[], object]] = ()
    ) -> None:
        """`nightly` is a cron line in local time; `ticks` are called every 30 seconds.

        Raises SettingWrong for what is not a cron line.
        """
        if not croniter.is_valid(nightly):
            raise SettingWrong(f"PUSHOFF_NIGHTLY: {nightly!r} is not a cron line like `30 2 * * *`")
        super().__init__(jobs.connection)
        self._jobs = jobs
        self._nightly = nightly
        self._ticks = (jobs.sweep, *ticks)
        self._next_tick = 0.0
        self._cron_jobs.append(NightlyJob(jobs, nightly))

    def catch_up(self, now: datetime | None = None) -> str | None:
        """Ask for the night that passed while no clock was running; returns the job's id if any.

        `now` is local time without a zone. The first start of all has missed nothing.
        """
        age_s = self._jobs.clock_age_s()
        at = now or datetime.now()
        due = croniter(self._nightly, at).get_prev(datetime)
        if age_s is None or due <= at - timedelta(seconds=age_s):
            return None
        return ask_nightly(self._jobs, due.date())

    def enqueue_jobs(self) -> list[CronJob]:
        """What is due: the nightly job, and every 30 seconds the regular work."""
        enqueued = super().enqueue_jobs()
        if time.monotonic() >= self._next_tick:
            self._next_tick = time.monotonic() + TICK_S
            for tick in self._ticks:
                _tolerant(tick)
        self._jobs.clock_ticked()
        return enqueued

    def calculate_sleep_interval(self) -> float:
        """Seconds until the next thing to do, a second at least."""
        until_tick = self._next_tick - time.monotonic()
        return max(1.0, min(super().calculate_sleep_interval(), until_tick))


def ask_nightly(jobs: JobQueue, local_date: date) -> str | None:
    """The nightly job of a date, once however many clocks ask; its id, or None after the first."""
    job_id = jobs.enqueue_nightly(local_date)
    log.info("nightly of %s: %s", local_date, job_id or "asked for already")
    return job_id


def run_scheduler(jobs: JobQueue, nightly: str, ticks: Sequence[Callable[[], object]] = ()) -> None:
    """Tick until SIGTERM or SIGINT, through any absence of Redis. Raises SettingWrong at once."""

    def serve() -> bool:
        clock = Scheduler(jobs, nightly, ticks)
        clock.catch_up()
        clock.start()
        return True

    run_until_stopped(serve)


def _tolerant(tick: Callable[[], object]) -> None:
    """What goes wrong elsewhere must not stop the clock: it is said, and tried again next time."""
    try:
        tick()
    except QueueUnavailable:
        raise
    except PushoffError as error:
        log.warning("regular work put off: %s", error)
