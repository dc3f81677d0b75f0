"""backend/timeline_prediction.py: predictions of whole videos."""

import pytest

from backend.label_studio_protocol import NO_MODEL
from backend.metrics import Metrics
from backend.timeline_prediction import predict_videos
from pushoff.storage.object_store import Storage
from pushoff.storage.video_predictions import VideoPredictions, save_video_predictions
from tests.unit.studio.video_samples import interface, stored_video


@pytest.fixture
def storage(tmp_path) -> Storage:
    """An empty one."""
    return Storage(str(tmp_path / "store"))


def task(session: str) -> dict:
    return {"id": 1, "data": {"video": f"/data/local-files/?d={session}", "video_id": session}}


def test_an_analysed_video_has_spans(storage, tmp_path):
    """With version, score and Label Studio's frame numbers, from 1."""
    session = stored_video(storage, tmp_path)
    found = VideoPredictions("v1", ((100, 0.9), (180, 0.5)), capture_fps=240)
    save_video_predictions(storage, session, found)
    [item] = predict_videos(storage, [task(session)], interface(), Metrics())
    assert (item["model_version"], item["score"]) == ("v1", pytest.approx(0.7))
    ranges = [region["value"]["ranges"] for region in item["result"]]
    assert ranges == [[{"start": 98, "end": 101}], [{"start": 178, "end": 181}]]
    assert [region["score"] for region in item["result"]] == [0.9, 0.5]


def test_other_videos_have_no_result(storage, tmp_path):
    """One item per task, in order, for tasks of any shape."""
    unread = stored_video(storage, tmp_path)
    nothing = stored_video(storage, tmp_path, athlete="ben")
    save_video_predictions(storage, nothing, VideoPredictions("v1", (), capture_fps=240))
    other_rate = stored_video(storage, tmp_path, athlete="dora")
    found = VideoPredictions("v1", ((100, 0.9),), capture_fps=30)
    save_video_predictions(storage, other_rate, found)
    damaged = stored_video(storage, tmp_path, athlete="cleo")
    storage.write_json(f"videos/{damaged}/predictions.json", {"version": "v1"})
    names = (unread, nothing, damaged, other_rate, "jump")
    tasks = [*map(task, names), {"data": None}, "x", None]
    items = predict_videos(storage, tasks, interface(), Metrics())
    assert [item["model_version"] for item in items] == [NO_MODEL, "v1", *[NO_MODEL] * 6]
    assert not any("result" in item for item in items)
