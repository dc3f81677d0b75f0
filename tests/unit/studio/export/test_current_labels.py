"""pushoff/studio/export/snapshot.py: the labels at this moment, however many there are."""

import json

import pytest

from pushoff.storage.object_store import Storage
from pushoff.studio.client import LabelStudioClient
from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config, require_frame_interface
from pushoff.studio.credentials import Credentials
from pushoff.studio.export.snapshot import LABELS_AT_ONCE, read_current_labels
from pushoff.studio.predictions import choice_region
from pushoff.values import Label
from tests.unit.studio.serving import Answer, Seen, serve

INTERFACE = require_frame_interface(parse_label_config(build_label_config()))
PUSH_OFF = [choice_region(INTERFACE, Label.PUSH_OFF)]


class Exporter:
    """A Label Studio with a project of many labels: task 1 has them all, 2 is skipped, 3 open."""

    def __init__(self, labels: int) -> None:
        self.labels = labels
        self.exports = [5]
        self.asked: list[str] = []

    def answer(self, seen: Seen) -> Answer:
        """As Label Studio, as far as it is asked."""
        path = seen.path.split("?")[0].rstrip("/")
        self.asked.append(f"{seen.method} {path}")
        body: object = {
            "id": 1,
            "task_number": 3,
            "total_annotations_number": self.labels,
            "skipped_annotations_number": 1,
        }
        if path.endswith("/download") or path.endswith("/export"):
            body = self.tasks(with_open=path.endswith("/download"))
        elif path.endswith("/exports"):
            body = {"id": 5, "status": "completed"} if seen.method == "POST" else []
        elif seen.method == "DELETE":
            self.exports.clear()
        return Answer(json.dumps(body).encode(), headers={"Content-Type": "application/json"})

    def tasks(self, *, with_open: bool) -> list[dict]:
        """The export."""
        labels = [{"id": n, "result": PUSH_OFF, "lead_time": 1.0} for n in range(self.labels)]
        skip = {"id": self.labels, "result": [], "was_cancelled": True}
        data = {INTERFACE.image_key: "a.jpg"}
        tasks = [
            {"id": 1, "data": data, "annotations": labels},
            {"id": 2, "data": data, "annotations": [skip]},
        ]
        return [*tasks, {"id": 3, "data": data, "annotations": []}] if with_open else tasks


@pytest.mark.parametrize("labels", [3, LABELS_AT_ONCE])
def test_many_labels_are_read_from_an_export_few_at_once(labels, tmp_path):
    """With the same result: an export is made and deleted where one request would take too long."""
    exporter = Exporter(labels)
    with serve(exporter.answer) as server:
        studio = LabelStudioClient(server.url, Credentials(server.url, "0" * 40))
        current = read_current_labels(studio, 1, INTERFACE, Storage(str(tmp_path)))
        studio.close()
    assert (current.labelled, current.skipped) == ({1}, {2})
    assert [frame.task_id for frame in current.exported.frames] == [1]
    in_one_request = "GET /api/projects/1/export" in exporter.asked
    assert in_one_request == (labels == 3)
    assert bool(exporter.exports) == in_one_request
