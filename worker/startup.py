"""What the worker and scheduler processes do at their start."""

import logging
import os
import sys
import time

from pushoff.errors import QueueUnavailable
from pushoff.queue import JobQueue
from pushoff.services import Services

log = logging.getLogger(__name__)

REDIS_START_S = 60
"""How long Redis may take to start, seconds."""


def restrict_file_access() -> None:
    """New files are for this user and its group, which Label Studio is in, and for nobody else."""
    os.umask(0o027)


def log_to_stdout(level: int = logging.INFO) -> None:
    """Log time, level, logger and message; verbose libraries only from warnings on."""
    logging.basicConfig(
        level=level, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for verbose in ("httpx", "alembic", "mlflow", "botocore", "fsspec"):
        logging.getLogger(verbose).setLevel(logging.WARNING)


def wait_for_queue(services: Services) -> JobQueue:
    """The queue, as soon as Redis answers.

    Raises QueueUnavailable after a minute, SettingWrong at once.
    """
    deadline = time.monotonic() + REDIS_START_S
    while True:
        try:
            return services.queue
        except QueueUnavailable as error:
            if time.monotonic() > deadline:
                raise
            log.info("waiting for Redis: %s", error)
            time.sleep(1)
