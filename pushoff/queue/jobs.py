"""Jobs by name: put one in, see how it goes, take it back."""

import logging
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import rq
from redis import Redis
from redis.client import Pipeline
from rq.command import send_stop_job_command
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job

from pushoff.errors import BadInput
from pushoff.queue.connection import in_words
from pushoff.queue.reliable_queue import ReliableQueue
from pushoff.queue.signing import SignedSerializer, signed_job_class
from pushoff.util.progress import NO_PROGRESS, OnProgress, Progress, ignore_progress

log = logging.getLogger(__name__)

JOBS = {
    name: f"worker.jobs.{name}"
    for name in (
        "analyze_session",
        "assess_labels",
        "delete_session",
        "ingest_video",
        "nightly",
        "publish",
        "refit",
        "render_clip",
        "retrain",
        "sync_corrections",
    )
}
"""Every job a worker may run, and its function, by name: a client does not import it."""

FAST, TRAIN = "fast", "train"
"""The two queues: minutes of work, and hours of it."""
TRAIN_JOBS = frozenset({"retrain"})

TIMEOUT_S = 4 * 3600
RESULT_S = 7 * 24 * 3600
FAILURE_S = 30 * 24 * 3600
"""How long a job may run, how long its result is kept, how long its failure, in seconds."""

_STATES = {"started": "running", "finished": "finished", "failed": "failed"}
_STATES |= {"stopped": "cancelled", "canceled": "cancelled"}
_LIVE = {"created", "queued", "scheduled", "deferred", "started", "ready_to_enqueue"}


@dataclass(frozen=True)
class JobStatus:
    """How a job stands."""

    state: str
    """`queued`, `running`, `finished`, `failed`, `cancelled`; `unknown` when there is none."""
    progress: Progress = NO_PROGRESS
    """What the job reported last."""
    result: Any = None
    error: str | None = None
    """Why it did not finish, in one line; None while it may still."""

    @property
    def done(self) -> bool:
        """Nothing will change any more."""
        return self.state not in ("queued", "running")


class Jobs:
    """Signed jobs in Redis. Every method raises QueueUnavailable when Redis does not answer."""

    def __init__(
        self,
        connection: Redis,
        secret: str | Iterable[str],
        *,
        jobs: Mapping[str, str] = JOBS,
        timeout_s: int = TIMEOUT_S,
    ) -> None:
        """`secret`: of several, the first signs and all verify. `jobs` is the allow-list.

        `timeout_s` is how long a job may run when nothing else is said.
        """
        self.connection = connection
        self.jobs = dict(jobs)
        self.timeout_s = timeout_s
        self.serializer = SignedSerializer(secret)
        self.job_class = signed_job_class(self.jobs.values())

    def queue(self, name: str) -> ReliableQueue:
        """The RQ queue called `fast` or `train`, for a worker."""
        return ReliableQueue(
            name,
            connection=self.connection,
            job_class=self.job_class,
            serializer=self.serializer,
        )

    @in_words
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
        """Ask for a job; returns its id. A `job_id` that is waiting or running is not asked twice.

        `retry` counts further tries after a crash or an upstream failure.
        Raises BadInput for a name that is not a job.
        """
        job = self._make(name, kwargs, job_id=job_id, timeout_s=timeout_s, retry=retry)

        def put(pipe: Pipeline) -> None:
            live = job_id is not None and self._is_live(job_id)
            pipe.multi()
            if not live:
                pipe.delete(job.key)
                self._put(job, pipe)

        self.connection.transaction(put, job.key)
        return job.id

    @in_words
    def status(self, job_id: str) -> JobStatus:
        """How the job stands now."""
        job = self._fetch(job_id)
        if job is None:
            return JobStatus("unknown", error=f"There is no job {job_id} any more")
        state = _STATES.get(job.get_status(refresh=False).value, "queued")
        progress = Progress.from_dict(job.meta.get("progress", {}))
        if state == "finished":
            return JobStatus(state, progress, job.return_value())
        if state == "cancelled":
            return JobStatus(state, progress, error="The job was cancelled")
        if state != "failed":
            return JobStatus(state, progress)
        last = job.latest_result()
        return JobStatus(state, progress, error=_why((last and last.exc_string) or ""))

    @in_words
    def wait(
        self,
        job_id: str,
        on_progress: OnProgress = ignore_progress,
        *,
        timeout_s: float | None = None,
    ) -> JobStatus:
        """Until the job is done or `timeout_s` is over; `on_progress` is called on every change."""
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

    @in_words
    def report(self, progress: Progress) -> None:
        """Store how far the running job is. Outside a job it does nothing."""
        job = rq.get_current_job()
        if job is not None:
            job.meta["progress"] = progress.as_dict()
            job.save_meta()

    @in_words
    def cancel(self, job_id: str) -> bool:
        """Take a waiting job back, or stop a running one. False when it was done already."""
        job = self._fetch(job_id)
        if job is None or not self._is_live(job_id):
            return False
        try:
            if job.is_started:
                send_stop_job_command(self.connection, job_id, serializer=self.serializer)
            else:
                job.cancel()
        except InvalidJobOperation:
            return False
        return True

    def _make(
        self,
        name: str,
        kwargs: dict[str, Any],
        *,
        job_id: str | None = None,
        timeout_s: int | None = None,
        retry: int = 3,
    ) -> Job:
        if name not in self.jobs:
            raise BadInput(f"{name!r} is not a job. Jobs are {', '.join(sorted(self.jobs))}.")
        return self.queue(TRAIN if name in TRAIN_JOBS else FAST).create_job(
            self.jobs[name],
            kwargs=kwargs,
            timeout=timeout_s or self.timeout_s,
            result_ttl=RESULT_S,
            failure_ttl=FAILURE_S,
            description=f"{name} {' '.join(str(value) for value in kwargs.values())}"[:120],
            job_id=job_id or f"{name}-{uuid.uuid4().hex[:12]}",
            retry=rq.Retry(max=retry) if retry else None,
        )

    def _put(self, job: Job, pipe: Pipeline, delay_s: float = 0.0) -> None:
        """Into its queue, as part of the transaction `pipe`, at once or in `delay_s` seconds."""
        queue = self.queue(TRAIN if job.func_name in self._train_functions else FAST)
        if delay_s > 0:
            job.origin = queue.name
            queue.schedule_job(job, datetime.now(UTC) + timedelta(seconds=delay_s), pipeline=pipe)
        else:
            queue._enqueue_job(job, pipeline=pipe)

    @property
    def _train_functions(self) -> set[str]:
        return {self.jobs[name] for name in TRAIN_JOBS if name in self.jobs}

    def _fetch(self, job_id: str) -> Job | None:
        try:
            return self.job_class.fetch(
                job_id, connection=self.connection, serializer=self.serializer
            )
        except NoSuchJobError:
            return None

    def _is_live(self, job_id: str) -> bool:
        """Waiting or running, so far as Redis knows."""
        status = self.connection.hget(self.job_class.key_for(job_id), "status")
        return status is not None and status.decode() in _LIVE


def _why(trace: str) -> str:
    """The last line of a traceback, without the names of modules, for a person to read."""
    lines = [line for line in trace.strip().splitlines() if line.strip()]
    if not lines:
        return "It failed without a word; see the worker's log"
    if "Work-horse terminated unexpectedly" in lines[0]:
        signal = lines[0].partition("(signal ")[2].partition(")")[0]
        return f"killed (signal {signal or '?'}), maybe out of memory"
    if "AbandonedJobError" in lines[-1]:
        return "its worker died, and it had no tries left"
    # a chained traceback ends with the outermost error; messages may span lines
    start = max((i for i, line in enumerate(lines) if not line.startswith(" ")), default=0)
    kind, colon, message = lines[start].partition(": ")
    kind = kind.rpartition(".")[2]
    if kind == "JobTimeoutException":
        return f"stopped: {message}"
    return message if colon and kind.isidentifier() else lines[start]
