"""The door to Redis and RQ: jobs by name, signed; one retrain per project; who is at work."""

from pushoff.queue.connection import connect, embedded_redis_command
from pushoff.queue.jobs import JOBS, JobStatus
from pushoff.queue.retrain_slot import JobQueue, RetrainRequest
from pushoff.queue.signing import SignedJob, SignedSerializer

__all__ = [
    "JOBS",
    "JobQueue",
    "JobStatus",
    "RetrainRequest",
    "SignedJob",
    "SignedSerializer",
    "connect",
    "embedded_redis_command",
]
