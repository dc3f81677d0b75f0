"""Jobs by name: enqueue one, follow it, cancel it."""

import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import rq
from pydantic import TypeAdapter
from redis import Redis
from redis.client import Pipeline
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job

from pushoff.errors import BadInput
from pushoff.queue.connection import decode, transaction, translate_redis_errors
from pushoff.queue.job_status import NO_MESSAGE, JobFailure, JobState, JobStatus
from pushoff.queue.reliable_queue import ReliableQueue
from pushoff.queue.signing import SignedSerializer, signed_job_class
from pushoff.util.json_input import validate
from pushoff.util.progress import NO_PROGRESS, OnProgress, Progress, ignore_progress

JOBS = {
    name: f"worker.jobs.{name}"
    for name in (
        "analyze_session",
        "assess_labels",
        "delete_session",
        "ingest_video",
        "learn_from_sessions",
        "nightly",
        "notify",
        "publish",
        "publish_rest",
        "refit",
        "refresh_analyses",
        "render_clip",
        "retrain",
        "sync_corrections",
    )
}
"""Every job a worker may run, and its function by dotted name: a client does not import it."""

FAST, TRAIN = "fast", "train"
"""The two queues: jobs of minutes, and jobs of hours."""
TRAIN_JOBS = frozenset({"retrain"})
URGENT_JOBS = frozenset({"render_clip"})
"""Somebody watches a page for it: it comes before the jobs of minutes that wait."""

TIMEOUT_S = 4 * 3600
RESULT_S = 7 * 24 * 3600
FAILURE_S = 30 * 24 * 3600
"""How long a job may run, and how long its result and its failure are kept, in seconds."""

_STATES: dict[str, JobState] = {
    "started": "running",
    "finished": "finished",
    "failed": "failed",
    "stopped": "cancelled",
    "canceled": "cancelled",
}
"""Our states by RQ's; every other one is `queued`."""
_LIVE = {"created", "queued", "scheduled", "deferred", "started", "ready_to_enqueue"}
_FAILURE = TypeAdapter(JobFailure)


class Jobs:
    """Signed jobs in Redis. Methods raise QueueUnavailable when Redis does not answer."""

    def __init__(
        self,
        connection: Redis,
        secret: str | Iterable[str],
        *,
        functions: Mapping[str, str] = JOBS,
        timeout_s: int = TIMEOUT_S,
    ) -> None:
        """`secret`: of several, the first signs and all verify. `functions` is the allow-list.

        `timeout_s` is how long a job may run unless `enqueue` is given another limit.
        """
        self.connection = connection
        self.functions = dict(functions)
        self.timeout_s = timeout_s
        self.serializer = SignedSerializer(secret)
        self.job_class = signed_job_class(self.functions.values())

    def rq_queue(self, name: str) -> ReliableQueue:
        """RQ's queue `fast` or `train`."""
        return ReliableQueue(
            name,
            connection=self.connection,
            job_class=self.job_class,
            serializer=self.serializer,
        )

    @translate_redis_errors()
    def enqueue(
        self,
        name: str,
        /,
        *,
        job_id: str | None = None,
        timeout_s: int | None = None,
        retry: int = 3,
        **kwargs: Any,
    ) -> str:
        """Add a job; returns its id. While a job with this `job_id` waits or runs, none is added.

        `retry` is how often the job is repeated after a crash or an upstream failure.
        Raises BadInput for a name that is not a job.
        """
        job = self.create(name, kwargs, job_id=job_id, timeout_s=timeout_s, retry=retry)

        def put(pipe: Pipeline) -> None:
            live = job_id is not None and self.is_live(job_id)
            pipe.multi()
            if not live:
                pipe.delete(job.key)
                self.put(job, pipe)

        transaction(self.connection, put, job.key)
        return job.id

    @translate_redis_errors()
    def status(self, job_id: str) -> JobStatus:
        """How the job stands now."""
        job = self._fetch(job_id)
        if job is None:
            failure = JobFailure("not_found", f"There is no job {job_id} (any more)")
            return JobStatus("unknown", failure=failure)
        state = _STATES.get(job.get_status(refresh=False).value, "queued")
        progress = Progress.from_dict(job.meta.get("progress", {}))
        if state == "finished":
            return JobStatus(state, progress, job.return_value())
        if state == "cancelled":
            failure = JobFailure("cancelled", "The job was cancelled")
            return JobStatus(state, progress, failure=failure)
        if state != "failed":
            return JobStatus(state, progress)
        recorded = job.meta.get("failure")
        failure = (
            validate(_FAILURE, recorded, f"failure of job {job_id}") if recorded else NO_MESSAGE
        )
        return JobStatus(state, progress, failure=failure)

    @translate_redis_errors()
    def ahead(self, job_id: str) -> int | None:
        """How many jobs come before this one in its queue; None where it does not wait there."""
        job = self._fetch(job_id)
        return None if job is None else self.rq_queue(job.origin).get_job_position(job_id)

    @translate_redis_errors()
    def wait(
        self,
        job_id: str,
        on_progress: OnProgress = ignore_progress,
        *,
        timeout_s: float | None = None,
    ) -> JobStatus:
        """Wait until the job is done or `timeout_s` has passed; `on_progress` gets new reports."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        last = NO_PROGRESS
        while True:
            status = self.status(job_id)
            if status.progress != last:
                on_progress(status.progress)
                last = status.progress
            if status.done or (deadline is not None and time.monotonic() > deadline):
                return status
            time.sleep(0.2)

    @translate_redis_errors()
    def report(self, progress: Progress) -> None:
        """Store how far the running job is. Outside a job it does nothing."""
        job = rq.get_current_job()
        if job is not None:
            job.meta["progress"] = progress.as_dict()
            job.save_meta()

    @translate_redis_errors()
    def cancel(self, job_id: str) -> bool:
        """Remove a waiting job, or stop a running one. False when it was done already."""
        job = self._fetch(job_id)
        if job is None or not self.is_live(job_id):
            return False
        try:
            if job.is_started:
                send_stop_job_command(self.connection, job_id, serializer=self.serializer)
            else:
                job.cancel()
        except InvalidJobOperation:
            return False
        return True

    def create(
        self,
        name: str,
        kwargs: dict[str, Any],
        *,
        job_id: str | None = None,
        timeout_s: int | None = None,
        retry: int = 3,
    ) -> Job:
        """A job that is in no queue yet. Raises BadInput for a name that is not a job."""
        if name not in self.functions:
            raise BadInput(
                f"{name!r} is not a job. Jobs are {', '.join(sorted(self.functions))}.",
                code="unknown_job",
            )
        return self.rq_queue(TRAIN if name in TRAIN_JOBS else FAST).create_job(
            self.functions[name],
            kwargs=kwargs,
            timeout=timeout_s or self.timeout_s,
            result_ttl=RESULT_S,
            failure_ttl=FAILURE_S,
            description=f"{name} {' '.join(str(value) for value in kwargs.values())}"[:120],
            job_id=job_id or f"{name}-{uuid.uuid4().hex[:12]}",
            retry=rq.Retry(max=retry) if retry else None,
        )

    def put(self, job: Job, pipe: Pipeline, delay_s: float = 0.0) -> None:
        """Put a created job into its queue within the transaction `pipe`, after `delay_s`."""
        queue = self.rq_queue(TRAIN if job.func_name in self._functions_of(TRAIN_JOBS) else FAST)
        if delay_s > 0:
            job.origin = queue.name
            queue.schedule_job(job, datetime.now(UTC) + timedelta(seconds=delay_s), pipeline=pipe)
        else:
            urgent = job.func_name in self._functions_of(URGENT_JOBS)
            queue._enqueue_job(job, pipeline=pipe, at_front=urgent)

    def is_live(self, job_id: str) -> bool:
        """Whether the job waits or runs."""
        return self.rq_status(job_id) in _LIVE

    def rq_status(self, job_id: str) -> str:
        """RQ's name of the job's status; empty when there is no such job."""
        if not job_id:
            return ""
        return decode(self.connection.hget(self.job_class.key_for(job_id), "status"))

    def _functions_of(self, names: Iterable[str]) -> set[str]:
        return {self.functions[name] for name in names if name in self.functions}

    def _fetch(self, job_id: str) -> Job | None:
        try:
            return self.job_class.fetch(
                job_id, connection=self.connection, serializer=self.serializer
            )
        except NoSuchJobError:
            return None
