"""The worker: RQ's, made to die, recover and hand back its job the way people expect."""

import ctypes
import logging
import os
import signal
import threading
import uuid
from collections.abc import Sequence
from typing import Any

from redis.exceptions import RedisError
from rq import Worker
from rq.executions import Execution
from rq.job import Job
from rq.queue import Queue
from rq.registry import clean_registries
from rq.timeouts import JobTimeoutException
from rq.utils import now
from rq.worker_registration import clean_worker_registry

from pushoff.errors import BadInput, NotEnough, Superseded, Upstream
from pushoff.queue.jobs import FAST, TRAIN, Jobs
from pushoff.queue.reconnect import run_until_stopped

log = logging.getLogger(__name__)

HEARTBEAT_S = 5
"""A busy worker reports this often."""
ABANDONED_S = 25
"""A job whose worker has been silent for so long is given to another."""
CLEANING_S = 5
"""Abandoned, lost and due jobs are looked for this often, by one worker at a time."""
STOP_S = 5
"""After SIGTERM a job has this long before it is killed."""
UPSTREAM_RETRY_S = [10, 60, 300]
"""Waits before the tries that follow an unreachable Label Studio, Redis, registry or disk."""
NON_RETRYABLE = (BadInput, NotEnough, Superseded, JobTimeoutException)
"""What a further try would not change."""


class JobWorker(Worker):
    """Forks a horse per job. The horse dies with it; SIGTERM puts the job back at the front."""

    def __init__(self, jobs: Jobs, queues: Sequence[str]) -> None:
        super().__init__(
            [jobs.queue(name) for name in queues],
            name=f"{'-'.join(queues)}-{uuid.uuid4().hex[:8]}",
            connection=jobs.connection,
            job_class=jobs.job_class,
            serializer=jobs.serializer,
            maintenance_interval=CLEANING_S,
            worker_ttl=60,
            job_monitoring_interval=HEARTBEAT_S,
        )
        self._jobs = jobs
        self.log_result_lifespan = False

    @property
    def stopping(self) -> bool:
        """Someone asked it to stop."""
        return self._shutdown_requested_date is not None

    @property
    def dequeue_timeout(self) -> int:
        """Seconds an idle worker waits before it looks after abandoned and due jobs."""
        return 2

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        """Seconds after which a silent worker's job counts as abandoned."""
        return ABANDONED_S

    def maintain_heartbeats(self, job: Job, execution: Execution) -> None:
        """RQ's; a Redis that is away for a moment does not end the worker or its job."""
        try:
            super().maintain_heartbeats(job, execution)
            if not self._owns(job, execution):
                self.kill_horse()
        except RedisError as error:
            log.warning("heartbeat missed: %s", error)
        if self._stop_requested and self.horse_pid:
            self.kill_horse(signal.SIGTERM)

    # -- dying ------------------------------------------------------------------------------

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The child's life: bound to its parent's, polite to the other processes."""
        _die_with_parent(self.pid or 0)
        if queue.name == TRAIN:
            os.nice(10)
        super().main_work_horse(job, queue)

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """The horse and its children; never our own group, which it leaves only after a moment."""
        try:
            group = os.getpgid(self.horse_pid)
            if group == os.getpgid(0):
                os.kill(self.horse_pid, sig)
            else:
                os.killpg(group, sig)
        except ProcessLookupError:
            log.debug("horse %d is gone already", self.horse_pid)

    def handle_warm_shutdown_request(self) -> None:
        """On the first SIGTERM or SIGINT the running job is stopped, to be put back."""
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            self.kill_horse(signal.SIGTERM)
            last_word = threading.Timer(STOP_S, self._kill_if_there)
            last_word.daemon = True
            last_word.start()

    def _kill_if_there(self) -> None:
        if self.horse_pid:
            self.kill_horse(signal.SIGKILL)

    # -- what became of a job ---------------------------------------------------------------

    def _owns(self, job: Job, execution: Execution | None) -> bool:
        """False when we were silent for so long that the job was given to another worker."""
        if execution is None:
            return True
        started = job.started_job_registry.key
        owns = self.connection.zscore(started, execution.composite_key) is not None
        if not owns:
            log.warning("job %s was given to another worker; what this one did is dropped", job.id)
        return owns

    def _finalize_success(self, job: Job, queue: Queue, execution: Execution, *result: Any) -> None:
        if self._owns(job, execution):
            super()._finalize_success(job, queue, execution, *result)

    def _finalize_failure(self, job: Job, queue: Queue, execution: Execution, *why: Any) -> None:
        if self._owns(job, execution):
            super()._finalize_failure(job, queue, execution, *why)

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: Any = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """RQ's, save for a job we stopped ourselves: that goes back, its tries untouched."""
        if not self.is_horse and not self._owns(job, execution):
            return
        stopped_by_us = self.stopping and not self.is_horse and self._stopped_job_id != job.id
        if not stopped_by_us:
            super().handle_job_failure(job, queue, started_job_registry, exc_string, execution)
            return
        with self.connection.pipeline() as pipe:
            self.cleanup_execution(job, pipeline=pipe, execution=execution)
            pipe.lrem(self._intermediate(job), 0, job.id)
            queue._enqueue_job(job, pipeline=pipe, at_front=True)
            pipe.execute()
        log.info("job %s is put back for another worker", job.id)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Decide on further tries before RQ does: none without hope, later ones for upstream."""
        error = exc_info[1]
        if isinstance(error, NON_RETRYABLE) or type(error).__name__ == "DeserializationError":
            job.retries_left = 0
            log.warning("job %s: %s", job.id, error)
            return
        if isinstance(error, Upstream):
            job.retry_intervals = UPSTREAM_RETRY_S
            log.warning("job %s, %s tries left: %s", job.id, job.retries_left, error)
            return
        super().handle_exception(job, *exc_info)

    # -- looking after jobs -----------------------------------------------------------------

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """RQ's; every queue of ours has an intermediate list."""
        super().prepare_job_execution(job, remove_from_intermediate_queue=True)

    def clean_registries(self) -> None:
        """Give abandoned, lost and due jobs back to their queues. One worker at a time."""
        for queue in (self._jobs.queue(name) for name in (FAST, TRAIN)):
            lock = f"pushoff:cleaning:{queue.name}"
            if not self.connection.set(lock, self.name, nx=True, ex=30):
                continue
            clean_registries(queue, self._exc_handlers)
            clean_worker_registry(queue)
            for what, count in (("lost", queue.requeue_lost()), ("due", queue.release_due())):
                if count:
                    log.info("%d %s jobs put into %s", count, what, queue.name)
            self.connection.delete(lock)
        self.last_cleaned_at = now()

    def _intermediate(self, job: Job) -> str:
        return self._jobs.queue(job.origin).intermediate_queue_key


def run_worker(jobs: Jobs, queues: Sequence[str] = (FAST, TRAIN)) -> None:
    """Work until SIGTERM or SIGINT, through any absence of Redis."""

    def serve() -> bool:
        worker = JobWorker(jobs, queues)
        worker.work(logging_level=None)
        return worker.stopping

    run_until_stopped(serve)


def _die_with_parent(parent_pid: int) -> None:
    """Have Linux kill this process when its parent dies, however that happens."""
    if hasattr(os, "uname") and os.uname().sysname == "Linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if parent_pid and os.getppid() != parent_pid:  # it died before we could ask
        os._exit(1)
