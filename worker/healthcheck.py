"""Health check of a container: `python -m worker.healthcheck fast|train|scheduler` exits 0 or 1."""

import sys

from pushoff.errors import PushoffError
from pushoff.services import open_services

SCHEDULER_S = 120
"""The scheduler reports every 30 s; four missing reports are too many."""


def is_alive(process: str) -> bool:
    """Whether a worker of the queue `fast` or `train`, or the `scheduler`, has reported lately.

    Raises QueueUnavailable when Redis does not answer.
    """
    with open_services() as services:
        heartbeats = services.queue.heartbeats
        if process == "scheduler":
            age_s = heartbeats.scheduler_age_s()
            return age_s is not None and age_s < SCHEDULER_S
        return any(process in worker.queues for worker in heartbeats.workers())


def main(arguments: list[str]) -> int:
    """The exit status: 0 alive, 1 not alive, 2 wrong usage."""
    if len(arguments) != 1 or arguments[0] not in ("fast", "train", "scheduler"):
        sys.stderr.write("usage: python -m worker.healthcheck fast|train|scheduler\n")
        return 2
    try:
        return 0 if is_alive(arguments[0]) else 1
    except PushoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
