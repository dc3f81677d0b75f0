"""The server process: uvicorn with limits for headers, time and connections, and logging."""

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

MAX_CONNECTIONS = 512
"""Per process; further ones get 503."""
KEEP_ALIVE_S = 75
"""Longer than Label Studio waits between the requests of one page."""
SHUTDOWN_TIMEOUT_S = 10
THREAD_LIMITS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")

_QUIET_LOGGERS = ("httpx", "httpcore", "alembic", "mlflow", "tuspyserver")
"""These log URLs with their queries, a line per database migration, or a line per HEAD request."""
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "INFO", "handlers": ["stderr"]},
    "loggers": {name: {"level": "WARNING"} for name in _QUIET_LOGGERS},
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(prog="python -m backend.app", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9090)
    parser.add_argument("--workers", type=int, default=1, help="processes; each holds the models")
    options = parser.parse_args(arguments)
    try:
        settings = Settings()
        for name in ("backend_password", "webhook_secret", "job_secret"):
            settings.secret(name)
    except SettingWrong as error:
        sys.exit(str(error))
    os.umask(0o027)  # videos and names are readable by this user and group (Label Studio) only
    cap_threads(options.workers)
    with shared_metrics(options.workers):
        uvicorn.run(
            "backend.app:create_app",
            factory=True,
            host=options.host,
            port=options.port,
            workers=options.workers,
            http="backend.header_timeout:HeaderTimeoutProtocol",
            ws="none",
            log_config=LOGGING,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MAX_CONNECTIONS,
            h11_max_incomplete_event_size=MAX_HEADER_BYTES,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=SHUTDOWN_TIMEOUT_S,
        )


def cap_threads(workers: int) -> None:
    """Use half of the cores; training and Label Studio use the rest. Call it before torch loads."""
    share = max(1, (os.cpu_count() or 1) // 2 // max(1, workers))
    for name in THREAD_LIMITS:
        os.environ.setdefault(name, str(share))


@contextmanager
def shared_metrics(workers: int) -> Iterator[None]:
    """A folder in which several processes add up their counters; nothing for a single process."""
    if workers < 2:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="pushoff-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        yield
