"""An RQ queue that loses no job between taking it and starting it."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from redis import Redis
from redis.client import Pipeline
from rq import Queue
from rq.job import Job
from rq.registry import ScheduledJobRegistry

GRACE_S = 10
"""A job taken from its queue has this long to start before it counts as lost."""


class ReliableQueue(Queue):
    """RQ moves a taken job to an intermediate list only when it watches one queue: we always do."""

    @classmethod
    def dequeue_any(
        cls, queues: Iterable[Queue], timeout: int | None, connection: Redis, **kwargs: Any
    ) -> tuple[Job, Queue] | None:
        """RQ's, one queue at a time; with several, each is looked at once a second."""
        several = list(queues)
        for queue in several:
            found = super().dequeue_any([queue], None, connection=connection, **kwargs)
            if found:
                return found
        if timeout is None:
            return None
        wait_s = timeout if len(several) == 1 else 1
        return super().dequeue_any(several[:1], wait_s, connection=connection, **kwargs)

    def requeue_lost(self) -> int:
        """Put back what a worker took and never started; returns how many.

        To be called by one at a time.
        """
        return sum(self._settle(raw.decode()) for raw in self._taken())

    def release_due(self) -> int:
        """Move scheduled jobs whose time has come into the queue; returns how many."""
        registry = ScheduledJobRegistry(queue=self)

        def move(pipe: Pipeline) -> int:
            due = pipe.zrangebyscore(registry.key, 0, time.time())
            jobs = self.job_class.fetch_many(
                [raw.decode() for raw in due],
                connection=self.connection,
                serializer=self.serializer,
            )
            pipe.multi()
            for raw, job in zip(due, jobs, strict=True):
                pipe.zrem(registry.key, raw)
                if job is not None:
                    self._enqueue_job(job, pipeline=pipe)
            return len(due)

        if not self.connection.zcount(registry.key, 0, datetime.now(UTC).timestamp()):
            return 0
        return int(self.connection.transaction(move, registry.key, value_from_callable=True))

    def _taken(self) -> list[bytes]:
        return self.connection.lrange(self.intermediate_queue_key, 0, -1)

    def _settle(self, job_id: str) -> bool:
        """One entry of the intermediate list: leave it, forget it, or put its job back."""
        if job_id in self.started_job_registry.get_job_ids(cleanup=False):
            return False
        status = self.connection.hget(self.job_class.key_for(job_id), "status")
        waiting = self.connection.lpos(self.key, job_id) is not None
        if status != b"queued" or waiting:
            self.connection.lrem(self.intermediate_queue_key, 0, job_id)
            return False
        seen_key = f"pushoff:lost:{job_id}"
        if self.connection.set(seen_key, time.time(), nx=True, ex=600):
            return False
        if time.time() - float(self.connection.get(seen_key) or "inf") < GRACE_S:
            return False
        with self.connection.pipeline() as pipe:
            pipe.lrem(self.intermediate_queue_key, 0, job_id)
            pipe.lpush(self.key, job_id)
            pipe.delete(seen_key)
            pipe.execute()
        return True
