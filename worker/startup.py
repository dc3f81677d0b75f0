"""What the worker's and the clock's processes share: their log, and their patience at the start."""

import logging
import os
import sys
import time

from pushoff.errors import QueueUnavailable
from pushoff.queue import JobQueue
from pushoff.services import Services

log = logging.getLogger(__name__)

PATIENCE_S = 60
"""How long Redis may take to start, seconds."""


def keep_private() -> None:
    """What is written is for this user and its group, Label Studio among them, and nobody else."""
    os.umask(0o027)


def log_to_stdout(level: int = logging.INFO) -> None:
    """Time, level, logger and message; libraries that tell too much are kept to warnings."""
    logging.basicConfig(
        level=level, stream=sys.stdout, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for talkative in ("httpx", "alembic", "mlflow", "botocore", "fsspec"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def patient_queue(services: Services) -> JobQueue:
    """The queue, once Redis is up. Raises QueueUnavailable after a minute, SettingWrong at once."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return services.queue
        except QueueUnavailable as error:
            if time.monotonic() > deadline:
                raise
            log.info("waiting for Redis: %s", error)
            time.sleep(1)
