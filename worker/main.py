"""A worker process: `python -m worker.main [--warm] [fast] [train]`, by default of both queues.

With `--warm` the process imports what jobs need before the first one: each job is a fork of this
process, and a refit that imports torch, scikit-learn and mlflow itself takes seconds longer.
"""

import sys

from pushoff.errors import PushoffError
from pushoff.queue.worker import run_worker
from pushoff.services import open_services
from worker.startup import log_to_stdout, restrict_file_access, wait_for_queue

QUEUES = ("fast", "train")


def main(arguments: list[str]) -> int:
    """Work until SIGTERM or SIGINT; returns the exit status."""
    warm = "--warm" in arguments
    queues = [argument for argument in arguments if argument != "--warm"] or list(QUEUES)
    if not set(queues) <= set(QUEUES):
        sys.stderr.write("usage: python -m worker.main [--warm] [fast] [train]\n")
        return 2
    restrict_file_access()
    log_to_stdout()
    if warm:
        from worker.preload import preload

        preload()
    try:
        with open_services() as services:
            run_worker(wait_for_queue(services).jobs, queues)
    except PushoffError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
