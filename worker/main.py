"""A worker process: `python -m worker.main [--warm] [fast] [train]`, both queues without a word.

`--warm` loads what jobs need before the first one: each is a fork of this process, and a refit
that began by importing torch, scikit-learn and mlflow would take seconds longer.
"""

import sys

from pushoff.errors import PushoffError
from pushoff.queue.worker import run_worker
from pushoff.services import Services
from pushoff.settings import Settings
from worker.startup import keep_private, log_to_stdout, patient_queue


def main(arguments: list[str]) -> int:
    """Work until told to stop; returns the exit status."""
    warm = "--warm" in arguments
    queues = [one for one in arguments if one != "--warm"] or ["fast", "train"]
    if not set(queues) <= {"fast", "train"}:
        sys.stderr.write(f"Queues are fast and train, not {' '.join(queues)}\n")
        return 2
    keep_private()
    log_to_stdout()
    if warm:
        from worker.preload import warm_up

        warm_up()
    try:
        run_worker(patient_queue(Services(Settings())), queues)
    except PushoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
