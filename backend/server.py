"""The server process: uvicorn with bounded headers, times and connections, and one log format."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn

from backend.middleware import MAX_HEADER_BYTES
from pushoff.errors import SettingWrong
from pushoff.settings import Settings

CONNECTIONS = 512
"""Per process; further ones get 503 at once."""
KEEP_ALIVE_S = 75
"""Longer than Label Studio pauses between the requests of one page."""
STOP_S = 10
THREAD_LIMITS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    # these write addresses with their queries, or a line per database migration
    "loggers": {name: {"level": "WARNING"} for name in ("httpx", "httpcore", "alembic", "mlflow")},
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m backend.app", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9090)
    parser.add_argument("--workers", type=int, default=1, help="processes; each holds the models")
    asked = parser.parse_args(arguments)
    try:
        settings = Settings()
        for name in ("backend_password", "webhook_secret", "job_secret"):
            settings.secret(name)
    except SettingWrong as wrong:
        sys.exit(str(wrong))
    os.umask(0o027)  # videos and names are for this user and its group, Label Studio among them
    cap_threads(asked.workers)
    with shared_metrics(asked.workers):
        uvicorn.run(
            "backend.app:create_app",
            factory=True,
            host=asked.host,
            port=asked.port,
            workers=asked.workers,
            http="backend.header_timeout:HeaderTimeoutProtocol",
            ws="none",
            log_config=LOGGING,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=CONNECTIONS,
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=STOP_S,
        )


def cap_threads(workers: int) -> None:
    """Leave half of the cores to training and Label Studio; to be called before torch is loaded."""
    share = max(1, (os.cpu_count() or 1) // 2 // max(1, workers))
    for name in THREAD_LIMITS:
        os.environ.setdefault(name, str(share))


@contextmanager
def shared_metrics(workers: int) -> Iterator[None]:
    """With several processes: a folder in which they add up what they count."""
    if workers < 2:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="pushoff-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield
