"""Metrics of one process and of several."""

import os
import subprocess
import sys

from backend.metrics import Metrics, drop_dead_processes


def test_gauges_of_dead_processes_are_dropped(tmp_path) -> None:
    """Their counters and the gauges of living processes stay."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for pid in (ended.pid, os.getpid()):
        (tmp_path / f"gauge_liveall_{pid}.db").touch()
    (tmp_path / f"counter_{ended.pid}.db").touch()
    drop_dead_processes(tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"gauge_liveall_{os.getpid()}.db", f"counter_{ended.pid}.db"}


def test_queue_depths_and_outcomes_are_rendered() -> None:
    """Counters, latencies and the depth of each queue, in the text format."""
    metrics = Metrics()
    metrics.predictions.labels("answered").inc(3)
    with metrics.timed_predict():
        pass
    text = metrics.render({"fast": 2, "train": 0}).decode()
    assert 'pushoff_predictions_total{outcome="answered"} 3.0' in text
    assert "pushoff_predict_seconds_count 1.0" in text
    assert 'pushoff_queue_depth{queue="fast"} 2.0' in text and "pushoff_queue_up 1.0" in text
    assert "_created" not in text


def test_without_redis_the_queue_is_down() -> None:
    """No depth is made up."""
    text = Metrics().render(None).decode()
    assert "pushoff_queue_up 0.0" in text and "pushoff_queue_depth{" not in text
