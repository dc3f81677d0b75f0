"""Images of tasks, cropped to the athlete."""

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from backend.label_studio_protocol import PredictTask, read_task
from backend.task_crops import FETCH_THREADS, TIMED_OUT, PredictionFailure, TaskCrops
from pushoff.learning.model.frame_suggestion import NOBODY_FOUND
from pushoff.values import Box
from pushoff.video.event_inputs import athlete_crop
from tests.unit.backend.made_images import Images

BOX = [3, 4, 20, 30]


@pytest.fixture
def images() -> Images:
    return Images()


@pytest.fixture
def cropped(images: Images) -> Iterator[Callable[..., list[object]]]:
    """`cropped(task, ...)`: the crops of 32 px."""
    crops = TaskCrops(lambda: images)

    def crop(*tasks: PredictTask, seconds: float = 60) -> list[object]:
        return list(crops.crops(tasks, 32, time.monotonic() + seconds))

    yield crop
    crops.close()


def task(address: str, box: object = BOX) -> PredictTask:
    found = read_task({"id": 1, "data": {"image": address, "box": box}}, "image")
    assert found is not None
    return found


def test_crops_are_those_of_training(cropped, images):
    """In the order of the tasks, the same pixels as training's."""
    found = cropped(*(task(str(seed)) for seed in range(40)))
    for seed, crop in enumerate(found):
        expected = athlete_crop(images.image(str(seed), 1), Box(*BOX), 32)
        assert np.array_equal(crop, expected)
    assert images.most <= FETCH_THREADS


def test_a_picture_in_which_nobody_is_found_is_answered(cropped):
    """Without a box the athlete is searched for, and there is none in noise."""
    assert cropped(task("1", None)) == [NOBODY_FOUND]


def test_each_failure_has_its_outcome(cropped):
    """As the metrics count it; the others go on."""
    *failures, crop = cropped(*map(task, ("", "refused", "away", "broken", "1")))
    assert all(isinstance(failure, PredictionFailure) for failure in failures)
    outcomes = [failure.outcome for failure in failures]
    assert outcomes == ["unreadable", "unreadable", "unavailable", "failed"]
    assert isinstance(crop, np.ndarray)


def test_nothing_is_fetched_after_the_deadline(cropped, images):
    """Every task is still accounted for."""
    assert cropped(*[task("1")] * 50, seconds=-1) == [TIMED_OUT] * 50
    assert images.most == 0


def test_once_closed_nobody_waits():
    """A request that is still there fails, instead of an answer that nobody was found."""
    crops = TaskCrops(Images)
    crops.close()
    with pytest.raises(RuntimeError):
        list(crops.crops([task("1")], 32, time.monotonic() + 60))
