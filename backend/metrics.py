"""What the backend counts, as Prometheus text. Door: prometheus_client.

With several processes set PROMETHEUS_MULTIPROC_DIR before this module is imported; any of them
then answers for all.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
_LATENCY_S = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 80, 100)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        disable_created_metrics()  # a second series for each one, with no more in it than a date
        self._registry = own = CollectorRegistry()
        self.predictions = Counter(
            "pushoff_predictions",
            "Tasks asked for: answered, unreadable, unavailable, late, no_model or failed",
            ["outcome"],
            registry=own,
        )
        self.predict_s = Histogram(
            "pushoff_predict_seconds", "Time of one /predict", registry=own, buckets=_LATENCY_S
        )
        self.request_s = Histogram(
            "pushoff_request_seconds",
            "Time of one request",
            ["route", "status"],
            registry=own,
            buckets=_LATENCY_S,
        )
        self.webhooks = Counter(
            "pushoff_webhook_events",
            "Events and what was decided",
            ["action", "decision"],
            registry=own,
        )
        self.serving = Gauge(
            "pushoff_model_serving",
            "1 for the version a project is served with, by process",
            ["project", "version"],
            registry=own,
            multiprocess_mode="liveall",
        )
        self.swaps = Counter("pushoff_model_swaps", "Models swapped in", registry=own)
        self.refused = Counter(
            "pushoff_model_refused", "Champions that did not load or failed a check", registry=own
        )
        self.registry_errors = Counter(
            "pushoff_registry_errors", "Looks at the registry that failed", registry=own
        )

    @contextmanager
    def timed_predict(self) -> Iterator[None]:
        """Measure one /predict."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.predict_s.observe(time.monotonic() - started)

    def render(self, queue_depths: Mapping[str, int] | None) -> bytes:
        """All of it; `queue_depths` is None when Redis does not answer."""
        registry = self._registry
        if MULTIPROCESS in os.environ:
            drop_dead_processes(Path(os.environ[MULTIPROCESS]))
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        text = generate_latest(registry)
        now = CollectorRegistry()
        up = Gauge("pushoff_queue_up", "1 when Redis answers", registry=now)
        up.set(queue_depths is not None)
        depth = Gauge("pushoff_queue_depth", "Jobs that wait", ["queue"], registry=now)
        for name, count in (queue_depths or {}).items():
            depth.labels(name).set(count)
        return text + generate_latest(now)


def drop_dead_processes(folder: Path) -> None:
    """Drop what processes that have ended said of themselves."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))
        except OSError:
            continue
