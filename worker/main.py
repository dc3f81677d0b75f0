"""A worker process: `python -m worker.main [fast] [train]`, both queues without a word."""

import sys

from pushoff.errors import PushoffError
from pushoff.queue.worker import run_worker
from pushoff.services import Services
from pushoff.settings import Settings
from worker.process import keep_private, log_to_stdout, patient_queue


def main(arguments: list[str]) -> int:
    """Work until told to stop; returns the exit status."""
    queues = arguments or ["fast", "train"]
    if not set(queues) <= {"fast", "train"}:
        sys.stderr.write(f"Queues are fast and train, not {' '.join(queues)}\n")
        return 2
    keep_private()
    log_to_stdout()
    try:
        run_worker(patient_queue(Services(Settings())), queues)
    except PushoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
