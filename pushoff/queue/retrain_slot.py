"""At most one retrain per project and one more after it, however many events ask for one.

Each project has a counter of wishes to retrain (its generation), a slot that holds the one retrain
job, and a fencing number that grows with every run. A wish raises the generation and fills the slot
when it is empty. A run notes the generation it starts from; when it ends and the generation has
grown, the slot passes to exactly one follow-up. Single labels are only counted: enough of them are
a wish. Every change of a slot is one WATCH/MULTI transaction.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import rq
from redis.client import Pipeline

from pushoff.errors import Superseded
from pushoff.queue.connection import in_words
from pushoff.queue.deduplication import Once
from pushoff.queue.locks import redis_lock

COMMIT_S = 60
"""Longest promotion, seconds: after that the commit lock is free for the next."""
DEBOUNCE_LIMIT = 6
"""A waiting retrain is put off by further labels for at most this many delays."""


@dataclass(frozen=True)
class RetrainRequest:
    """What became of the wish to retrain."""

    job_id: str
    """The job that will take the new labels in, or after which one more follows that will."""
    already_running: bool
    """It runs already: its labels are frozen, one more run follows."""


class JobQueue(Once):
    """Everything the faces ask of Redis. Methods raise QueueUnavailable when it does not answer."""

    # -- labels and events -----------------------------------------------------------------

    @in_words
    def mark_dirty(self, project_id: int, reason: str) -> int:
        """A retrain is due; returns the new generation. The sweep starts it if nobody else does."""
        with self.connection.pipeline() as pipe:
            pipe.incr(_dirty(project_id))
            pipe.hset("pushoff:reasons", project_id, reason)
            pipe.sadd("pushoff:projects", project_id)
            return int(pipe.execute()[0])

    @in_words
    def note_labels(self, project_id: int, count: int) -> int:
        """Count new labels; returns how many came since the last run began."""
        return int(self.connection.hincrby("pushoff:labels", project_id, count))

    @in_words
    def labels_since_run(self, project_id: int) -> int:
        """Labels noted since the last run began."""
        return int(self.connection.hget("pushoff:labels", project_id) or 0)

    @in_words
    def see_labels(self, project_id: int, count: int) -> None:
        """Remember how many labels Label Studio had when a run was last asked for or begun."""
        self.connection.hset("pushoff:seen", project_id, count)

    @in_words
    def labels_seen(self, project_id: int) -> int:
        """Labels remembered by `see_labels`; 0 before the first time, or when Redis was lost."""
        return int(self.connection.hget("pushoff:seen", project_id) or 0)

    @in_words
    def request_retrain(self, project_id: int, reason: str, delay_s: float = 0.0) -> RetrainRequest:
        """Mark the project dirty and make sure that a run takes the change in.

        The run starts after `delay_s` quiet seconds (at most six times that after the first
        wish). A slot whose job is dead is taken over.
        """
        self.mark_dirty(project_id, reason)
        return self._fill_slot(project_id, reason, delay_s)

    # -- one run ---------------------------------------------------------------------------

    @in_words
    def begin_run(self, project_id: int) -> tuple[int, int]:
        """A run begins: its fencing number, and the generation of labels it answers for.

        To be called before the labels are read. Raises Superseded when another live job holds the
        project's slot; outside a job the run is taken for the one that holds it.
        """
        current = rq.get_current_job()

        def begin(pipe: Pipeline) -> tuple[int, int]:
            slot = self._slot(pipe, project_id)
            holder = slot.get("job", "")
            me = current.id if current else holder
            if current and holder != me and self._is_live(holder):
                raise Superseded(f"Project {project_id} is being retrained by job {holder}")
            generation = int(pipe.get(_dirty(project_id)) or 0)
            number = int(pipe.get(_run(project_id)) or 0) + 1
            pipe.multi()
            pipe.set(_run(project_id), number)
            fields = {"job": me, "run": number, "generation": generation}
            pipe.hset(_slot(project_id), mapping=fields)
            pipe.hset("pushoff:labels", project_id, 0)
            pipe.sadd("pushoff:projects", project_id)
            return number, generation

        keys = (_slot(project_id), _dirty(project_id), _run(project_id))
        return self.connection.transaction(begin, *keys, value_from_callable=True)

    @in_words
    def finish_run(self, project_id: int, run_number: int, generation: int) -> bool:
        """A run ends. True when labels came meanwhile: exactly one follow-up is then waiting.

        A run that has been superseded changes nothing.
        """

        def finish(pipe: Pipeline) -> bool:
            slot = self._slot(pipe, project_id)
            more = int(pipe.get(_dirty(project_id)) or 0) > generation
            reason = self.connection.hget("pushoff:reasons", project_id) or b""
            if slot.get("run") != str(run_number):
                pipe.multi()
                return False
            if more:
                self._occupy(pipe, project_id, reason.decode(), 0.0)
            else:
                pipe.multi()
                pipe.delete(_slot(project_id))
            pipe.hset("pushoff:covered", project_id, generation)
            return more

        keys = (_slot(project_id), _dirty(project_id))
        return bool(self.connection.transaction(finish, *keys, value_from_callable=True))

    @in_words
    def check_fence(self, project_id: int, run_number: int) -> None:
        """Raises Superseded when a newer run of the project has begun."""
        newest = int(self.connection.get(_run(project_id)) or 0)
        if newest > run_number:
            raise Superseded(
                f"Run {run_number} of project {project_id} was overtaken by run {newest}; "
                "its results are not kept"
            )

    @contextmanager
    def commit_lock(self, project_id: int, run_number: int) -> Iterator[None]:
        """Around a promotion: one at a time per project, and only by the newest run.

        Raises Superseded when a newer run has begun, QueueUnavailable when another does not end.
        """
        with redis_lock(
            self.connection, f"commit:{project_id}", ttl_s=COMMIT_S, wait_s=COMMIT_S + 5
        ):
            self.check_fence(project_id, run_number)
            yield

    # -- what must happen by itself --------------------------------------------------------

    @in_words
    def running_job(self, project_id: int) -> str | None:
        """The retrain job that waits or runs for the project, if any."""
        holder = self.connection.hget(_slot(project_id), "job")
        return holder.decode() if holder and self._is_live(holder.decode()) else None

    @in_words
    def training(self) -> dict[int, str]:
        """The retrain job of every project that has one waiting or running."""
        known = map(int, self.connection.smembers("pushoff:projects"))
        found = {project_id: self.running_job(project_id) for project_id in sorted(known)}
        return {project_id: job for project_id, job in found.items() if job}

    @in_words
    def sweep(self) -> list[int]:
        """Give every dirty project without a live run one; returns their ids. Safe at any time.

        A run that failed is not repeated by itself: new labels, or a person, ask again.
        """
        swept = []
        for raw in self.connection.smembers("pushoff:projects"):
            project_id = int(raw)
            slot = {
                k.decode(): v.decode()
                for k, v in self.connection.hgetall(_slot(project_id)).items()
            }
            tried = int(slot.get("generation") or -1)
            covered = int(self.connection.hget("pushoff:covered", project_id) or 0)
            dirty = int(self.connection.get(_dirty(project_id)) or 0)
            holder = slot.get("job", "")
            if dirty <= covered or (holder and self._is_live(holder)):
                continue
            if self._state(holder) in ("failed", "stopped", "canceled") and dirty <= tried:
                continue
            self._fill_slot(project_id, "swept up", 0.0)
            swept.append(project_id)
        return swept

    # -- slots -----------------------------------------------------------------------------

    def _fill_slot(self, project_id: int, reason: str, delay_s: float) -> RetrainRequest:
        def fill(pipe: Pipeline) -> RetrainRequest:
            slot = self._slot(pipe, project_id)
            holder = slot.get("job", "")
            state = self._state(holder)
            if holder and self._is_live(holder):
                pipe.multi()
                if state == "scheduled":
                    asked = float(slot.get("asked", 0))
                    due = min(time.time() + delay_s, asked + DEBOUNCE_LIMIT * delay_s)
                    registry = self.queue("train").scheduled_job_registry
                    pipe.zadd(registry.key, {holder: due}, xx=True)
                return RetrainRequest(holder, already_running=state == "started")
            job_id = self._occupy(pipe, project_id, reason, delay_s)
            return RetrainRequest(job_id, already_running=False)

        return self.connection.transaction(fill, _slot(project_id), value_from_callable=True)

    def _occupy(self, pipe: Pipeline, project_id: int, reason: str, delay_s: float) -> str:
        """Put a new retrain job into the slot, as part of the transaction `pipe`."""
        job_id = f"retrain-{project_id}-{uuid.uuid4().hex[:8]}"
        kwargs = {"project_id": project_id, "reason": reason}
        job = self._make("retrain", kwargs, job_id=job_id)
        pipe.multi()
        pipe.delete(_slot(project_id))
        pipe.hset(_slot(project_id), mapping={"job": job_id, "asked": time.time()})
        self._put(job, pipe, delay_s)
        return job_id

    def _slot(self, pipe: Pipeline, project_id: int) -> dict[str, str]:
        return {k.decode(): v.decode() for k, v in pipe.hgetall(_slot(project_id)).items()}


def _dirty(project_id: int) -> str:
    return f"pushoff:dirty:{int(project_id)}"


def _run(project_id: int) -> str:
    return f"pushoff:run:{int(project_id)}"


def _slot(project_id: int) -> str:
    return f"pushoff:slot:{int(project_id)}"
