"""Jobs that are asked for often and needed once: publishing, and the nightly job of a date."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from redis.client import Pipeline

from pushoff.queue import job_ids
from pushoff.queue.connection import in_words
from pushoff.queue.heartbeats import Presence
from pushoff.queue.locks import redis_lock

ONCE_S = 4 * 24 * 3600
"""How long a date is remembered as done, seconds."""
PUBLISH_S = 600
"""How long one publish waits for another, seconds."""


class Once(Presence):
    """Jobs, asked for as often as one likes."""

    @in_words
    def ask_publish(self, project_id: int, reason: str) -> str:
        """Have the champion's suggestions pushed; returns the job's id.

        A publish that still waits does for all; one that runs already is followed by one more.
        """
        return self._ask_once("publish", project_id, reason)

    @in_words
    def ask_refit(self, project_id: int, reason: str) -> str:
        """Have the heads fitted on the labels as they are; returns the job's id.

        As with `ask_publish` one that waits does for all, one that runs is followed by one more.
        """
        return self._ask_once("refit", project_id, reason)

    @in_words
    def last_refit(self, project_id: int) -> str | None:
        """The job of the refit asked for last, however it stands; None before the first."""
        found = self.connection.get(f"pushoff:refit:{project_id}")
        return found.decode() if found else None

    @in_words
    def note_refit_labels(self, project_id: int, count: int) -> int:
        """Count new labels; returns how many came since the last refit began."""
        return int(self.connection.hincrby("pushoff:refit-labels", project_id, count))

    @in_words
    def begin_refit(self, project_id: int, labels: int) -> None:
        """A refit begins, with so many labels in Label Studio: counting begins anew."""
        with self.connection.pipeline() as pipe:
            pipe.hset("pushoff:refit-labels", project_id, 0)
            pipe.hset("pushoff:refit-seen", project_id, labels)
            pipe.execute()

    @in_words
    def labels_refitted(self, project_id: int) -> int:
        """Labels that were there when the last refit began; 0 before the first."""
        return int(self.connection.hget("pushoff:refit-seen", project_id) or 0)

    def ask_assessment(self, project_id: int, reason: str) -> str:
        """Have the project's labels looked at; returns the job's id, the same while it is live."""
        return self.enqueue(
            "assess_labels",
            job_id=job_ids.assess_labels(project_id),
            project_id=project_id,
            reason=reason,
        )

    def ask_analysis(self, session_id: str) -> str:
        """Have the session analysed; returns the job's id, the same while it waits or runs."""
        return self.enqueue(
            "analyze_session", job_id=job_ids.analyze_session(session_id), session_id=session_id
        )

    @contextmanager
    def publish_lock(self, project_id: int) -> Iterator[None]:
        """Around a publish: one at a time per project. A dead publisher frees it after a minute.

        Raises QueueUnavailable when another does not end within ten minutes.
        """
        with redis_lock(
            self.connection, f"publish:{project_id}", ttl_s=60, wait_s=PUBLISH_S, renewed=True
        ):
            yield

    @contextmanager
    def dataset_lock(self, project_id: int) -> Iterator[None]:
        """Around reading a project's newest dataset and keeping the next. A dead holder frees it.

        Raises QueueUnavailable when another does not end within a minute.
        """
        with redis_lock(self.connection, f"dataset:{project_id}", ttl_s=60, wait_s=60):
            yield

    @in_words
    def once_per_date(self, project: int | str, local_date: date) -> bool:
        """True for the first who asks with this project (or any other word) and local date."""
        key = f"pushoff:once:{project}:{local_date.isoformat()}"
        return bool(self.connection.set(key, time.time(), nx=True, ex=ONCE_S))

    @in_words
    def enqueue_nightly(self, local_date: date) -> str | None:
        """The nightly job of a local date, once however many clocks ask; None after the first."""
        key = f"pushoff:once:nightly:{local_date.isoformat()}"

        def put(pipe: Pipeline) -> str | None:
            done = pipe.exists(key)
            job = self._make("nightly", {})
            pipe.multi()
            if done:
                return None
            pipe.set(key, job.id, ex=ONCE_S)
            self._put(job, pipe)
            return job.id

        return self.connection.transaction(put, key, value_from_callable=True)

    def _ask_once(self, name: str, project_id: int, reason: str) -> str:
        key = f"pushoff:{name}:{project_id}"
        kwargs = {"project_id": project_id, "reason": reason}

        def put(pipe: Pipeline) -> str:
            waiting = (pipe.get(key) or b"").decode()
            if waiting and self._state(waiting) in ("queued", "scheduled"):
                pipe.multi()
                return waiting
            job = self._make(name, kwargs)
            pipe.multi()
            pipe.set(key, job.id)
            self._put(job, pipe)
            return job.id

        return str(self.connection.transaction(put, key, value_from_callable=True))

    def _state(self, job_id: str) -> str:
        """RQ's own word for a job's status, empty when there is no such job."""
        status = self.connection.hget(self.job_class.key_for(job_id), "status") if job_id else None
        return status.decode() if status else ""
