"""Which workers report, and when the scheduler last did."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from rq import Worker

from pushoff.queue.connection import translate_redis_errors
from pushoff.queue.jobs import Jobs

SCHEDULER_KEY = "pushoff:scheduler:last-tick"


@dataclass(frozen=True)
class WorkerHeartbeat:
    """A worker's last report."""

    name: str
    queues: tuple[str, ...]
    pid: int
    state: str
    """`idle`, `busy`, `started` or `suspended`."""
    age_s: float
    """Seconds since the report."""
    job_id: str | None


class Heartbeats:
    """Reports of workers and of the scheduler. Methods raise QueueUnavailable."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    @translate_redis_errors()
    def workers(self, within_s: float = 60.0) -> list[WorkerHeartbeat]:
        """Workers that have reported within the last `within_s` seconds."""
        found = []
        for worker in Worker.all(
            connection=self._jobs.connection,
            job_class=self._jobs.job_class,
            serializer=self._jobs.serializer,
        ):
            if worker.last_heartbeat is None or worker.death_date is not None:
                continue
            age_s = (datetime.now(UTC) - worker.last_heartbeat).total_seconds()
            if age_s > within_s:
                continue
            found.append(
                WorkerHeartbeat(
                    name=worker.name,
                    queues=tuple(worker.queue_names()),
                    pid=worker.pid or 0,
                    state=str(worker.get_state()),
                    age_s=age_s,
                    job_id=worker.get_current_job_id(),
                )
            )
        return found

    @translate_redis_errors()
    def report_scheduler(self, now_s: float) -> None:
        """Record that the scheduler ran at `now_s`, a Unix time."""
        self._jobs.connection.set(SCHEDULER_KEY, now_s)

    @translate_redis_errors()
    def scheduler_reported_s(self) -> float | None:
        """The Unix time of the scheduler's last report; None before the first."""
        reported = self._jobs.connection.get(SCHEDULER_KEY)
        return None if reported is None else float(reported)

    def scheduler_age_s(self) -> float | None:
        """Seconds since the scheduler's last report; None before the first."""
        reported_s = self.scheduler_reported_s()
        return None if reported_s is None else max(0.0, time.time() - reported_s)
