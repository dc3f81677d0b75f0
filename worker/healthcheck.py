"""Health check of a container: `python -m worker.healthcheck fast|train|clock` exits with 0 or 1."""

import sys

from pushoff.errors import PushoffError
from pushoff.services import open_services

CLOCK_S = 120
"""The clock ticks every 30 s at least; four missed ticks are one too many."""


def alive(part: str) -> bool:
    """Whether a worker of the queue `part`, or the clock, has reported lately.

    Raises QueueUnavailable when Redis does not answer.
    """
    with open_services() as services:
        if part == "clock":
            age_s = services.queue.clock_age_s()
            return age_s is not None and age_s < CLOCK_S
        return any(part in worker.queues for worker in services.queue.workers())


def main(arguments: list[str]) -> int:
    """The exit status: 0 alive, 1 not, 2 asked wrongly."""
    if len(arguments) != 1 or arguments[0] not in ("fast", "train", "clock"):
        sys.stderr.write("say fast, train or clock\n")
        return 2
    try:
        return 0 if alive(arguments[0]) else 1
    except PushoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
