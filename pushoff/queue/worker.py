"""The worker: RQ's, with clean shutdown, recovery of abandoned jobs and recorded failures."""

import ctypes
import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.registry import clean_registries
from rq.timeouts import JobTimeoutException
from rq.worker_registration import clean_worker_registry

from pushoff.errors import BadInput, NotEnough, Superseded, Upstream
from pushoff.queue.job_status import JobFailure, failure_of, killed_by
from pushoff.queue.jobs import FAST, TRAIN, Jobs
from pushoff.queue.reconnect import run_until_stopped

log = logging.getLogger(__name__)

HEARTBEAT_S = 5
"""A busy worker reports this often, seconds."""
ABANDONED_S = 25
"""After so many seconds without a report a worker's job is given to another."""
MAINTENANCE_S = 5
"""Abandoned, lost and due jobs are looked for this often, seconds, by one worker at a time."""
STOP_S = 5
"""Seconds between SIGTERM to a job and SIGKILL."""
UPSTREAM_RETRY_S = [10, 60, 300]
"""Waits before the retries after an Upstream error, seconds."""
NON_RETRYABLE = (BadInput, NotEnough, Superseded, JobTimeoutException)
"""Errors that a retry would not change."""


class JobWorker(Worker):
    """Forks a work horse (RQ's word) per job, which dies with the worker.

    On SIGTERM the running job is stopped and put back at the front of its queue.
    """

    def __init__(
        self, jobs: Jobs, queues: Sequence[str], stopped: threading.Event | None = None
    ) -> None:
        """`stopped` is set by a signal that comes before RQ's own handlers are installed."""
        super().__init__(
            [jobs.rq_queue(name) for name in queues],
            name=f"{'-'.join(queues)}-{uuid.uuid4().hex[:8]}",
            connection=jobs.connection,
            job_class=jobs.job_class,
            serializer=jobs.serializer,
            maintenance_interval=MAINTENANCE_S,
            worker_ttl=60,
            job_monitoring_interval=HEARTBEAT_S,
        )
        self._jobs = jobs
        self._stopped = stopped or threading.Event()
        self._killed_by: int | None = None
        self._maintained_s = float("-inf")
        self.log_result_lifespan = False

    @property
    def stopping(self) -> bool:
        """The process was asked to stop."""
        return self._shutdown_requested_date is not None

    @property
    def dequeue_timeout(self) -> int:
        """Seconds an idle worker waits before it looks for abandoned and due jobs."""
        return 2

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """Seconds after which a silent worker's job counts as abandoned."""
        return ABANDONED_S

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """RQ's; a short absence of Redis ends neither the worker nor its job."""
        try:
            super().maintain_heartbeats(job, execution)
            if not self._owns(job, execution):
                self.kill_horse()
        except RedisError as error:
            log.warning("heartbeat failed: %s", error)
        if self._stop_requested and self.horse_pid:
            self.kill_horse(signal.SIGTERM)

    # -- shutdown ---------------------------------------------------------------------------

    def check_for_suspension(self, burst: bool) -> None:
        """RQ's, before each job; raises StopRequested after a signal during the start."""
        if self._stopped.is_set():
            raise StopRequested
        super().check_for_suspension(burst)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """RQ's, in the child: it dies with its parent, and trains at low priority."""
        _die_with_parent(self.pid or 0)
        if queue.name == TRAIN:
            os.nice(10)
        super().main_work_horse(job, queue)

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """Kill the horse and its children, but never our own process group.

        The horse leaves that group only a moment after its start.
        """
        try:
            group = os.getpgid(self.horse_pid)
            if group == os.getpgid(0):
                os.kill(self.horse_pid, sig)
            else:
                os.killpg(group, sig)
        except ProcessLookupError:
            log.debug("job process %d has already exited", self.horse_pid)

    def handle_warm_shutdown_request(self) -> None:
        """Stop the running job on the first SIGTERM or SIGINT; it is put back."""
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)
            timer = threading.Timer(STOP_S, self._kill_if_running)
            timer.daemon = True
            timer.start()

    def _kill_if_running(self) -> None:
        if self.horse_pid:
            self.kill_horse(signal.SIGKILL)

    # -- the end of a job -------------------------------------------------------------------

    def _owns(self, job: Job, execution: Execution | None) -> bool:
        """False when this worker was silent for so long that its job was given to another."""
        if execution is None:
            return True
        started = job.started_job_registry.key
        owns = self.connection.zscore(started, execution.composite_key) is not None
        if not owns:
            log.warning("job %s was reassigned; discarding this worker's result", job.id)
        return owns

    def _finalize_success(self, job: Job, queue: Queue, execution: Execution, *result: Any) -> None:
        if self._owns(job, execution):
            super()._finalize_success(job, queue, execution, *result)

    def _finalize_failure(
        self, job: Job, queue: Queue, execution: Execution, *exc_info: Any
    ) -> None:
        if self._owns(job, execution):
            super()._finalize_failure(job, queue, execution, *exc_info)

    def handle_work_horse_killed(
        self, job: Job, retpid: int | None, ret_val: int | None, rusage: Any
    ) -> None:
        """Remember the signal for `handle_job_failure`, which RQ calls next."""
        signalled = ret_val is not None and os.WIFSIGNALED(ret_val)
        self._killed_by = os.WTERMSIG(ret_val) if ret_val is not None and signalled else None

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: Any = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """RQ's, but a job that this worker stopped is put back with all its retries."""
        if not self.is_horse and not self._owns(job, execution):
            return
        stopped_by_us = self.stopping and not self.is_horse and self._stopped_job_id != job.id
        if not stopped_by_us:
            if not self.is_horse:
                _record_failure(job, killed_by(self._killed_by))
            super().handle_job_failure(job, queue, started_job_registry, exc_string, execution)
            return
        with self.connection.pipeline() as pipe:
            self.cleanup_execution(job, pipeline=pipe, execution=execution)
            pipe.lrem(self._intermediate(job), 0, job.id)
            queue._enqueue_job(job, pipeline=pipe, at_front=True)
            pipe.execute()
        log.info("job %s returned to queue %s", job.id, queue.name)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Record the failure; then no retries for `NON_RETRYABLE`, later ones for Upstream."""
        error = exc_info[1]
        _record_failure(job, failure_of(error))
        if isinstance(error, NON_RETRYABLE) or type(error).__name__ == "DeserializationError":
            job.retries_left = 0
            log.warning("job %s: %s", job.id, error)
            return
        if isinstance(error, Upstream):
            job.retry_intervals = UPSTREAM_RETRY_S
            log.warning("job %s, %s retries left: %s", job.id, job.retries_left, error)
            return
        super().handle_exception(job, *exc_info)

    # -- maintenance ------------------------------------------------------------------------

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """RQ's; `ReliableQueue` always uses the intermediate list."""
        super().prepare_job_execution(job, remove_from_intermediate_queue=True)

    def clean_registries(self) -> None:
        """Put abandoned, lost and due jobs into their queues. One worker at a time."""
        for queue in (self._jobs.rq_queue(name) for name in (FAST, TRAIN)):
            lock = f"pushoff:queue:maintenance:{queue.name}"
            if not self.connection.set(lock, self.name, nx=True, ex=30):
                continue
            clean_registries(queue, [_record_abandoned])
            clean_worker_registry(queue)
            for kind, count in (("lost", queue.requeue_lost()), ("due", queue.release_due())):
                if count:
                    log.info("%d %s jobs returned to queue %s", count, kind, queue.name)
            self.connection.delete(lock)
        self._maintained_s = time.monotonic()

    @property
    def should_run_maintenance_tasks(self) -> bool:
        """Whether `clean_registries` is due."""
        return time.monotonic() - self._maintained_s > MAINTENANCE_S

    def _intermediate(self, job: Job) -> str:
        return self._jobs.rq_queue(job.origin).intermediate_queue_key


def run_worker(jobs: Jobs, queues: Sequence[str] = (FAST, TRAIN)) -> None:
    """Work until SIGTERM or SIGINT; reconnects when Redis is away."""

    def serve(stopped: threading.Event) -> bool:
        worker = JobWorker(jobs, queues, stopped)
        worker.work(logging_level=None)
        return worker.stopping

    run_until_stopped(serve)


def _record_failure(job: Job, failure: JobFailure) -> None:
    """Store why the job failed, beside its progress. It counts when no retry is left."""
    kept = {name: value for name, value in job.meta.items() if name == "progress"}
    job.meta = kept | {"failure": asdict(failure)}
    job.save_meta()


def _record_abandoned(job: Job, *exc_info: Any) -> None:
    """RQ's exception handler for a job whose worker died."""
    _record_failure(job, failure_of(exc_info[1]))


def _die_with_parent(parent_pid: int) -> None:
    """Have Linux kill this process when its parent dies for any reason."""
    if hasattr(os, "uname") and os.uname().sysname == "Linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if parent_pid and os.getppid() != parent_pid:  # it died before the call
        os._exit(1)
