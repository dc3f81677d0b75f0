"""Redis and RQ behind one package: signed jobs by name, one retrain per project, locks."""

from pushoff.queue.connection import connect, embedded_redis_command
from pushoff.queue.job_queue import JobQueue
from pushoff.queue.job_status import JobFailure, JobStatus
from pushoff.queue.jobs import JOBS
from pushoff.queue.retrain_slot import RetrainRequest
from pushoff.queue.signing import SignedJob, SignedSerializer

__all__ = [
    "JOBS",
    "JobFailure",
    "JobQueue",
    "JobStatus",
    "RetrainRequest",
    "SignedJob",
    "SignedSerializer",
    "connect",
    "embedded_redis_command",
]
