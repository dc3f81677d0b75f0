"""At most one retrain per project and one more after it, however many events request one.

Each project has a counter of requests (its generation), a slot that holds the one retrain job, and
a run number that grows with every run and serves as fencing number. A request raises the generation
and fills the slot when it is empty. A run notes the generation it starts from; when it ends and the
generation has grown, the slot passes to exactly one follow-up. Single labels are only counted
(`label_counts`): enough of them make a request. Every change of a slot is one WATCH/MULTI
transaction.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import rq
from redis.client import Pipeline

from pushoff.errors import Superseded
from pushoff.queue.connection import decode, transaction, translate_redis_errors
from pushoff.queue.jobs import TRAIN, Jobs
from pushoff.queue.label_counts import LabelCounts
from pushoff.queue.locks import redis_lock

COMMIT_S = 60
"""Longest promotion, seconds: then the commit lock expires."""
DEBOUNCE_LIMIT = 6
"""Further requests delay a waiting retrain by at most this many delays."""

_PROJECTS_KEY = "pushoff:retrain:projects"
_REASONS_KEY = "pushoff:retrain:reasons"
_HANDLED_KEY = "pushoff:retrain:handled-generations"


@dataclass(frozen=True)
class RetrainRequest:
    """The job that a request leads to."""

    job_id: str
    """The project's waiting or running retrain."""
    already_running: bool
    """It has read its labels already; one more run follows and handles the request."""


class RetrainSlot:
    """The one retrain of each project. Methods raise QueueUnavailable."""

    def __init__(self, jobs: Jobs, labels: LabelCounts) -> None:
        self._jobs = jobs
        self._connection = jobs.connection
        self._labels = labels

    # -- requests --------------------------------------------------------------------------

    @translate_redis_errors()
    def request(self, project_id: int, reason: str, delay_s: float = 0.0) -> RetrainRequest:
        """Count a request and make sure that a run handles it.

        The run starts `delay_s` seconds after the last request, but at most six times that after
        the first one. A slot whose job is dead is taken over.
        """
        self.mark_due(project_id, reason)
        return self._fill_slot(project_id, reason, delay_s)

    @translate_redis_errors()
    def mark_due(self, project_id: int, reason: str) -> int:
        """Count a request without starting a run, which `sweep` does; returns the generation."""
        with self._connection.pipeline() as pipe:
            pipe.incr(_generation_key(project_id))
            pipe.hset(_REASONS_KEY, str(project_id), reason)
            pipe.sadd(_PROJECTS_KEY, project_id)
            return int(pipe.execute()[0])

    @translate_redis_errors()
    def sweep(self) -> list[int]:
        """Start a run for every project that is due and has none; returns their ids.

        Safe at any time. A run that failed is not repeated until there is a new request.
        """
        started = []
        for raw in self._connection.smembers(_PROJECTS_KEY):
            project_id = int(raw)
            slot = _decoded(self._connection.hgetall(_slot_key(project_id)))
            tried_generation = int(slot.get("generation") or -1)
            handled_generation = int(self._connection.hget(_HANDLED_KEY, str(project_id)) or 0)
            generation = int(self._connection.get(_generation_key(project_id)) or 0)
            holder = slot.get("job", "")
            if generation <= handled_generation or self._jobs.is_live(holder):
                continue
            failed = self._jobs.rq_status(holder) in ("failed", "stopped", "canceled")
            if failed and generation <= tried_generation:
                continue
            self._fill_slot(project_id, "sweep", 0.0)
            started.append(project_id)
        return started

    @translate_redis_errors()
    def running_job(self, project_id: int) -> str | None:
        """The project's waiting or running retrain."""
        holder = decode(self._connection.hget(_slot_key(project_id), "job"))
        return holder if self._jobs.is_live(holder) else None

    @translate_redis_errors()
    def running_jobs(self) -> dict[int, str]:
        """The waiting or running retrain of every project that has one, by project id."""
        project_ids = sorted(map(int, self._connection.smembers(_PROJECTS_KEY)))
        jobs = {project_id: self.running_job(project_id) for project_id in project_ids}
        return {project_id: job_id for project_id, job_id in jobs.items() if job_id}

    # -- one run ---------------------------------------------------------------------------

    @translate_redis_errors()
    def begin_run(self, project_id: int) -> tuple[int, int]:
        """Begin a run; returns its run number and the generation that it handles.

        To be called before the labels are read. Raises Superseded when another live job holds the
        project's slot. Outside a job the caller is taken for the slot's holder.
        """
        current = rq.get_current_job()

        def begin(pipe: Pipeline) -> tuple[int, int]:
            holder = _slot(pipe, project_id).get("job", "")
            own_id = current.id if current else holder
            if holder != own_id and self._jobs.is_live(holder):
                raise Superseded(f"Project {project_id} is being retrained by job {holder}")
            generation = int(pipe.get(_generation_key(project_id)) or 0)
            run_number = int(pipe.get(_run_key(project_id)) or 0) + 1
            pipe.multi()
            pipe.set(_run_key(project_id), run_number)
            pipe.hset(_slot_key(project_id), "job", own_id)
            pipe.hset(_slot_key(project_id), "run", run_number)
            pipe.hset(_slot_key(project_id), "generation", generation)
            self._labels.reset(project_id, pipe)
            pipe.sadd(_PROJECTS_KEY, project_id)
            return run_number, generation

        keys = (_slot_key(project_id), _generation_key(project_id), _run_key(project_id))
        return transaction(self._connection, begin, *keys)

    @translate_redis_errors()
    def finish_run(self, project_id: int, run_number: int, generation: int) -> bool:
        """End a run. True when there were requests meanwhile: one follow-up is then enqueued.

        A run that has been superseded changes nothing.
        """

        def finish(pipe: Pipeline) -> bool:
            slot = _slot(pipe, project_id)
            requested = int(pipe.get(_generation_key(project_id)) or 0) > generation
            reason = decode(self._connection.hget(_REASONS_KEY, str(project_id)))
            if slot.get("run") != str(run_number):
                pipe.multi()
                return False
            if requested:
                self._assign_slot(pipe, project_id, reason, 0.0)
            else:
                pipe.multi()
                pipe.delete(_slot_key(project_id))
            pipe.hset(_HANDLED_KEY, str(project_id), generation)
            return requested

        keys = (_slot_key(project_id), _generation_key(project_id))
        return transaction(self._connection, finish, *keys)

    @translate_redis_errors()
    def check_run(self, project_id: int, run_number: int) -> None:
        """Raises Superseded when a newer run of the project has begun."""
        newest = int(self._connection.get(_run_key(project_id)) or 0)
        if newest > run_number:
            raise Superseded(
                f"Run {run_number} of project {project_id} was superseded by run {newest}; "
                "its results are discarded"
            )

    @contextmanager
    def commit_lock(self, project_id: int, run_number: int) -> Iterator[None]:
        """Held while a candidate is promoted: one run at a time, whichever project it is of.

        There is one champion for all projects; of a project's runs only the newest may promote it.
        Raises Superseded when a newer run has begun, QueueUnavailable when the lock is not free
        in time.
        """
        with redis_lock(self._connection, "commit", ttl_s=COMMIT_S, wait_s=COMMIT_S + 5):
            self.check_run(project_id, run_number)
            yield

    # -- slots -----------------------------------------------------------------------------

    def _fill_slot(self, project_id: int, reason: str, delay_s: float) -> RetrainRequest:
        def fill(pipe: Pipeline) -> RetrainRequest:
            slot = _slot(pipe, project_id)
            holder = slot.get("job", "")
            status = self._jobs.rq_status(holder)
            if self._jobs.is_live(holder):
                pipe.multi()
                if status == "scheduled":
                    requested = float(slot.get("requested", 0))
                    due = min(time.time() + delay_s, requested + DEBOUNCE_LIMIT * delay_s)
                    registry = self._jobs.rq_queue(TRAIN).scheduled_job_registry
                    pipe.zadd(registry.key, {holder: due}, xx=True)
                return RetrainRequest(holder, already_running=status == "started")
            job_id = self._assign_slot(pipe, project_id, reason, delay_s)
            return RetrainRequest(job_id, already_running=False)

        return transaction(self._connection, fill, _slot_key(project_id))

    def _assign_slot(self, pipe: Pipeline, project_id: int, reason: str, delay_s: float) -> str:
        """Give the slot to a new retrain job within the transaction `pipe`, which it begins."""
        job_id = f"retrain-{project_id}-{uuid.uuid4().hex[:8]}"
        kwargs = {"project_id": project_id, "reason": reason}
        job = self._jobs.create("retrain", kwargs, job_id=job_id)
        pipe.multi()
        pipe.delete(_slot_key(project_id))
        pipe.hset(_slot_key(project_id), "job", job_id)
        pipe.hset(_slot_key(project_id), "requested", time.time())
        self._jobs.put(job, pipe, delay_s)
        return job_id


def _slot(pipe: Pipeline, project_id: int) -> dict[str, str]:
    return _decoded(pipe.hgetall(_slot_key(project_id)))


def _decoded(fields: dict[bytes | str, bytes | str]) -> dict[str, str]:
    return {decode(name): decode(value) for name, value in fields.items()}


def _generation_key(project_id: int) -> str:
    return f"pushoff:retrain:generation:{int(project_id)}"


def _run_key(project_id: int) -> str:
    return f"pushoff:retrain:run:{int(project_id)}"


def _slot_key(project_id: int) -> str:
    return f"pushoff:retrain:slot:{int(project_id)}"
