"""Frames of stored videos as tasks."""

from pushoff.storage.object_store import Storage
from pushoff.values import Box, Exercise, Video
from pushoff.workflows.steps.frame_tasks import frame_task

VIDEO = Video("0" * 16, "Ada", Exercise.HOPS, 240.0, "synthetic")


def test_the_same_frame_is_the_same_task(tmp_path):
    """Whoever creates it; another frame has another image."""
    storage = Storage(str(tmp_path))
    task, again = (frame_task(storage, VIDEO, 7, 0.5, Box(1, 2, 3, 4)) for _ in range(2))
    assert task == again
    assert (task.athlete, task.exercise, task.footage) == ("Ada", "hops", "synthetic")
    assert task.image != frame_task(storage, VIDEO, 8, 0.6, Box(1, 2, 3, 4)).image


def test_a_task_shows_its_own_strip(tmp_path):
    """The picture of the athlete around this frame, in the form that the label config shows."""
    task = frame_task(Storage(str(tmp_path)), VIDEO, 7, 0.5, Box(1, 2, 3, 4))
    data = task.data("photo")
    assert data["photo"] == task.image
    assert f'<img src="{task.strip}"' in data["strip"] and "000007-strip" in task.strip
