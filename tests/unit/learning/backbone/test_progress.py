"""Progress of training in spawned processes."""

import time

from pushoff.learning.backbone.progress import progress_relay
from pushoff.util.progress import Progress


def test_one_process_reports_directly():
    """Without a shared folder the reports go straight to the receiver."""
    reports = []
    with progress_relay(reports.append, None) as on_progress:
        on_progress(Progress("training", 1, 5, "epoch"))
    assert reports == [Progress("training", 1, 5, "epoch")]


def test_reports_of_a_spawned_process_are_relayed(tmp_path):
    """A report written to the shared folder arrives, once."""
    reports = []
    with progress_relay(reports.append, tmp_path) as on_progress:
        on_progress(Progress("training", 2, 5, "epoch", loss=0.5))
        deadline = time.monotonic() + 10
        while not reports and time.monotonic() < deadline:
            time.sleep(0.02)
    assert reports == [Progress("training", 2, 5, "epoch", loss=0.5)]
