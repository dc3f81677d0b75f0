"""Prometheus metrics of the backend. Door: prometheus_client.

With several processes, set PROMETHEUS_MULTIPROC_DIR before this module is imported; the metrics of
any process then cover all of them.
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
    """The metrics of one process."""

    def __init__(self) -> None:
        disable_created_metrics()  # a `_created` series for each metric
        self._registry = registry = CollectorRegistry()
        self.predictions = Counter(
            "pushoff_predictions",
            "Tasks by outcome: answered, no_suggestion, unreadable, unavailable, timed_out, "
            "no_model or failed",
            ["outcome"],
            registry=registry,
        )
        self.predict_s = Histogram(
            "pushoff_predict_seconds",
            "Duration of one /predict request",
            registry=registry,
            buckets=_LATENCY_S,
        )
        self.request_s = Histogram(
            "pushoff_request_seconds",
            "Duration of one request",
            ["route", "status"],
            registry=registry,
            buckets=_LATENCY_S,
        )
        self.webhooks = Counter(
            "pushoff_webhook_events",
            "Webhook events by outcome",
            ["action", "decision"],
            registry=registry,
        )
        self.serving = Gauge(
            "pushoff_model_serving",
            "1 for the version in use, by process",
            ["version"],
            registry=registry,
            multiprocess_mode="liveall",
        )
        self.swaps = Counter("pushoff_model_swaps", "Model changes", registry=registry)
        self.refused = Counter(
            "pushoff_model_refused", "Champions that failed to load or to verify", registry=registry
        )
        self.registry_errors = Counter(
            "pushoff_registry_errors", "Registry requests that failed", registry=registry
        )

    @contextmanager
    def timed_predict(self) -> Iterator[None]:
        """Record the time of one /predict request."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.predict_s.observe(time.monotonic() - started)

    def render(self, queue_depths: Mapping[str, int] | None) -> bytes:
        """The text format; `queue_depths` is None if Redis is not available."""
        registry = self._registry
        if MULTIPROCESS in os.environ:
            drop_dead_processes(Path(os.environ[MULTIPROCESS]))
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        text = generate_latest(registry)
        current = CollectorRegistry()
        up = Gauge("pushoff_queue_up", "1 when Redis answers", registry=current)
        up.set(queue_depths is not None)
        depth = Gauge("pushoff_queue_depth", "Jobs waiting", ["queue"], registry=current)
        for name, count in (queue_depths or {}).items():
            depth.labels(name).set(count)
        return text + generate_latest(current)


def drop_dead_processes(folder: Path) -> None:
    """Remove the gauges of processes that have ended."""
    for path in folder.glob("gauge_live*_*.db"):
        pid = int(path.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid, str(folder))
        except OSError:
            continue
