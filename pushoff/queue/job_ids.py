"""Asking for a session to be read, by whoever has its video."""

from pushoff.queue import JobQueue


def job_id(session_id: str) -> str:
    """The name of the one job that reads the session."""
    return f"read-{session_id}"


def ask_reading(queue: JobQueue, session_id: str) -> None:
    """Have it read; while it waits or runs it is not asked for twice. Raises QueueUnavailable."""
    queue.enqueue("read", job_id=job_id(session_id), session_id=session_id)
