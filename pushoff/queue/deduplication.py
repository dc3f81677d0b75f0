"""Jobs that are requested often and needed once. The retrain has its own rules: `retrain_slot`."""

from datetime import date
from typing import Any

from redis.client import Pipeline

from pushoff.queue import job_ids
from pushoff.queue.connection import decode, transaction, translate_redis_errors
from pushoff.queue.jobs import Jobs

NIGHTLY_S = 4 * 24 * 3600
"""How long it is remembered that a date's nightly job was requested, seconds."""
NIGHTLY_BY_HAND = "nightly-by-hand"
"""Id of the nightly job that a person requests; each of the scheduler's has its own."""


class DeduplicatedJobs:
    """Request a job by calling its name; returns the id of the job that will do the work.

    A session's, video's or label assessment's job exists at most once: while it waits or runs, a
    request is answered with its id. A `publish`, `publish_rest`, `refit`, `learn_from_sessions` or
    `refresh_analyses` that waits answers every request too, but one that runs already may have
    missed what the request is about, so one more follows it. Methods raise QueueUnavailable.
    """

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def publish(self, project_id: int, reason: str) -> str:
        """Push the champion's predictions and the queue's order to Label Studio."""
        return self._enqueue_unless_waiting(
            "publish", str(int(project_id)), project_id=project_id, reason=reason
        )

    def publish_rest(self, project_id: int, reason: str) -> str:
        """Push what follows the head of the queue that annotators have."""
        return self._enqueue_unless_waiting(
            "publish_rest", str(int(project_id)), project_id=project_id, reason=reason
        )

    def refit(self, project_id: int, reason: str) -> str:
        """Fit the heads on the labels as they are now."""
        return self._enqueue_unless_waiting(
            "refit", str(int(project_id)), project_id=project_id, reason=reason
        )

    def learn_from_sessions(self, reason: str) -> str:
        """Fit the heads on the coaches' sessions as they are checked now."""
        return self._enqueue_unless_waiting("learn_from_sessions", "all", reason=reason)

    def refresh_analyses(self) -> str:
        """Analyse sessions again that an earlier version analysed."""
        return self._enqueue_unless_waiting("refresh_analyses", "all")

    def assess_labels(self, project_id: int, reason: str) -> str:
        """Measure how good the project's labels are."""
        return self._jobs.enqueue(
            "assess_labels",
            job_id=job_ids.assess_labels(project_id),
            project_id=project_id,
            reason=reason,
        )

    def analyze_session(self, session_id: str) -> str:
        """Find the push-offs in a coach's session."""
        return self._jobs.enqueue(
            "analyze_session", job_id=job_ids.analyze_session(session_id), session_id=session_id
        )

    def sync_corrections(self, session_id: str) -> str:
        """Copy the session's corrections to Label Studio."""
        return self._jobs.enqueue(
            "sync_corrections", job_id=job_ids.sync_corrections(session_id), session_id=session_id
        )

    def delete_session(self, session_id: str) -> str:
        """Delete the session everywhere."""
        return self._jobs.enqueue(
            "delete_session", job_id=job_ids.delete_session(session_id), session_id=session_id
        )

    def ingest_video(self, video_id: str) -> str:
        """Make Label Studio tasks of the video's frames."""
        return self._jobs.enqueue(
            "ingest_video", job_id=job_ids.ingest_video(video_id), video_id=video_id
        )

    def notify(self, kind: str, subject: str, key: str) -> str:
        """Tell those who want to know; `key` names what happened, so that it is told once."""
        return self._jobs.enqueue(
            "notify", job_id=job_ids.notify(key), kind=kind, subject=subject, key=key
        )

    @translate_redis_errors()
    def nightly(self, local_date: date) -> str | None:
        """Do what is due once a day; None when this date's job was requested before."""
        key = _nightly_key(local_date)

        def put(pipe: Pipeline) -> str | None:
            requested = pipe.exists(key)
            job = self._jobs.create("nightly", {})
            pipe.multi()
            if requested:
                return None
            pipe.set(key, job.id, ex=NIGHTLY_S)
            self._jobs.put(job, pipe)
            return job.id

        return transaction(self._jobs.connection, put, key)

    @translate_redis_errors()
    def nightly_of(self, local_date: date) -> str | None:
        """The id of the nightly job that was requested for this date, in the last days."""
        return decode(self._jobs.connection.get(_nightly_key(local_date))) or None

    def nightly_by_hand(self) -> str:
        """Do it now, although this date's nightly job was requested before or is still to come."""
        return self._jobs.enqueue("nightly", job_id=NIGHTLY_BY_HAND)

    @translate_redis_errors()
    def latest(self, name: str, project_id: int) -> str | None:
        """The `publish` or `refit` requested last, whatever its state; None before the first."""
        return decode(self._jobs.connection.get(_latest_key(name, str(int(project_id))))) or None

    @translate_redis_errors()
    def _enqueue_unless_waiting(self, name: str, subject: str, **kwargs: Any) -> str:
        """`subject` is what the job works on: one of a name and subject waits at a time."""
        key = _latest_key(name, subject)

        def put(pipe: Pipeline) -> str:
            latest = decode(pipe.get(key))
            if self._jobs.rq_status(latest) in ("queued", "scheduled"):
                pipe.multi()
                return latest
            job = self._jobs.create(name, kwargs)
            pipe.multi()
            pipe.set(key, job.id)
            self._jobs.put(job, pipe)
            return job.id

        return transaction(self._jobs.connection, put, key)


def _nightly_key(local_date: date) -> str:
    return f"pushoff:nightly:{local_date.isoformat()}"


def _latest_key(name: str, subject: str) -> str:
    return f"pushoff:{name}:latest-job:{subject}"
