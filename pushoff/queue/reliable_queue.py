"""An RQ queue that loses no job between taking it and starting it."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from redis import Redis
from redis.client import Pipeline
from rq import Queue
from rq.job import Job
from rq.registry import ScheduledJobRegistry
from rq.serializers import Serializer
from rq.timeouts import BaseDeathPenalty

from pushoff.queue.connection import decode, transaction

GRACE_S = 10
"""A job that was taken from its queue has this long to start, seconds, before it counts as lost."""


class ReliableQueue(Queue):
    """Always moves a taken job to RQ's intermediate list; RQ does so for a single queue only."""

    @classmethod
    def dequeue_any(
        cls,
        queues: Iterable[Queue],
        timeout: int | None,
        connection: Redis,
        job_class: type[Job] | None = None,
        serializer: Serializer | str | None = None,
        death_penalty_class: type[BaseDeathPenalty] | None = None,
    ) -> tuple[Job, Queue] | None:
        """RQ's, for one queue at a time; several are each looked at once a second."""
        candidates = list(queues)
        dequeue_one = super().dequeue_any
        classes = (job_class, serializer, death_penalty_class)
        for queue in candidates:
            taken = dequeue_one([queue], None, connection, *classes)
            if taken:
                return taken
        if timeout is None:
            return None
        wait_s = timeout if len(candidates) == 1 else 1
        return dequeue_one(candidates[:1], wait_s, connection, *classes)

    def requeue_lost(self) -> int:
        """Put back the jobs that a worker took and never started; returns their number.

        Only one process at a time may call this.
        """
        taken = self.connection.lrange(self.intermediate_queue_key, 0, -1)
        return sum(self._requeue_if_lost(decode(job_id)) for job_id in taken)

    def release_due(self) -> int:
        """Move the scheduled jobs that are due into the queue; returns their number."""
        registry = ScheduledJobRegistry(queue=self)

        def move(pipe: Pipeline) -> int:
            due = self.connection.zrangebyscore(registry.key, 0, time.time())
            job_ids = [decode(member) for member in due if isinstance(member, bytes | str)]
            jobs = self.job_class.fetch_many(
                job_ids, connection=self.connection, serializer=self.serializer
            )
            pipe.multi()
            for job_id, job in zip(job_ids, jobs, strict=True):
                pipe.zrem(registry.key, job_id)
                if job is not None:
                    self._enqueue_job(job, pipeline=pipe)
            return len(job_ids)

        if not self.connection.zcount(registry.key, 0, datetime.now(UTC).timestamp()):
            return 0
        return transaction(self.connection, move, registry.key)

    def _requeue_if_lost(self, job_id: str) -> bool:
        """Leave an entry of the intermediate list, drop it, or put its job back (True)."""
        if job_id in self.started_job_registry.get_job_ids(cleanup=False):
            return False
        status = decode(self.connection.hget(self.job_class.key_for(job_id), "status"))
        in_queue = self.connection.lpos(self.key, job_id) is not None
        if status != "queued" or in_queue:
            self.connection.lrem(self.intermediate_queue_key, 0, job_id)
            return False
        first_seen_key = f"pushoff:queue:not-started:{job_id}"
        if self.connection.set(first_seen_key, time.time(), nx=True, ex=600):
            return False
        if time.time() - float(self.connection.get(first_seen_key) or "inf") < GRACE_S:
            return False
        with self.connection.pipeline() as pipe:
            pipe.lrem(self.intermediate_queue_key, 0, job_id)
            pipe.lpush(self.key, job_id)
            pipe.delete(first_seen_key)
            pipe.execute()
        return True
