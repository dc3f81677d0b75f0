"""Who is at work: workers and the clock, as seen in Redis."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from rq import Worker

from pushoff.queue.connection import in_words
from pushoff.queue.jobs import Jobs

CLOCK_KEY = "pushoff:clock"


@dataclass(frozen=True)
class WorkerSeen:
    """One worker that has reported of late."""

    name: str
    queues: tuple[str, ...]
    pid: int
    state: str
    """`idle`, `busy`, `started` or `suspended`."""
    heard_s: float
    """Seconds since it reported last."""
    job_id: str | None


class Presence(Jobs):
    """Jobs, and who is there to do them."""

    @in_words
    def workers(self, within_s: float = 60.0) -> list[WorkerSeen]:
        """Workers that have reported within the last `within_s` seconds."""
        seen = []
        for worker in Worker.all(
            connection=self.connection, job_class=self.job_class, serializer=self.serializer
        ):
            heartbeat = worker.last_heartbeat
            heard_s = (datetime.now(UTC) - heartbeat).total_seconds() if heartbeat else float("inf")
            if heard_s <= within_s and worker.death_date is None:
                names, job_id = tuple(worker.queue_names()), worker.get_current_job_id()
                state = str(worker.get_state())
                seen.append(WorkerSeen(worker.name, names, worker.pid or 0, state, heard_s, job_id))
        return seen

    @in_words
    def clock_ticked(self) -> None:
        """The clock says that it is alive."""
        self.connection.set(CLOCK_KEY, time.time())

    @in_words
    def clock_age_s(self) -> float | None:
        """Seconds since a clock ticked last; None when none ever did."""
        ticked = self.connection.get(CLOCK_KEY)
        return None if ticked is None else max(0.0, time.time() - float(ticked))
