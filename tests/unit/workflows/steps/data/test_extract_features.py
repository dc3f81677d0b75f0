"""Features of pictures alone: what of them is described."""

from collections.abc import Callable

import numpy as np
import pytest

from pushoff.errors import MediaRefused, MediaUnavailable, StudioUnreachable
from pushoff.storage.feature_store import Crop, FeatureStore
from pushoff.storage.object_store import Storage
from pushoff.studio.task_data import TaskFrame
from pushoff.util.progress import ignore_progress
from pushoff.values import Box
from pushoff.video.athlete_finder import AthleteFinder
from pushoff.video.event_inputs import athlete_crop
from pushoff.workflows.steps.data.extract_features import (
    extract_pictures,
    rows_without,
    rows_without_athlete,
)
from tests.models import tiny_model
from tests.videos import athlete_picture

NOISE = np.random.default_rng(1).integers(0, 255, (180, 180, 3), np.uint8)


@pytest.fixture(scope="module")
def backbone():
    return tiny_model().extractor


@pytest.fixture
def store(tmp_path, backbone) -> FeatureStore:
    return FeatureStore(Storage(str(tmp_path / "storage")), backbone.fingerprint)


@pytest.fixture(scope="module")
def athlete() -> np.ndarray:
    """A picture in which the pose model finds somebody."""
    return athlete_picture()


def picture(image: str, box: Box | None = None) -> TaskFrame:
    return TaskFrame(
        image=image,
        box=box,
        split_group="ana",
        video_id="ana",
        time_s=None,
        footage="real",
    )


def loader(images: dict[str, np.ndarray], frames: list[TaskFrame]) -> Callable[[int], np.ndarray]:
    def load(row: int) -> np.ndarray:
        if frames[row].image not in images:
            raise MediaRefused("no such image")
        return images[frames[row].image]

    return load


def test_the_crop_is_the_box_or_the_athlete_who_is_found(backbone, store, athlete):
    """Where nobody is found the whole image is described, and known as such."""
    images = {"athlete": athlete, "noise": NOISE}
    frames = [
        picture("athlete", Box(10, 20, 100, 100)),
        picture("athlete"),
        picture("noise"),
        picture("gone"),
    ]
    rows = rows_without(store, frames)
    load = loader(images, frames)
    assert rows == [0, 1, 2, 3]
    assert extract_pictures(backbone, store, frames, rows, load, ignore_progress) == [3]
    assert [store.crop(frame) for frame in frames] == [Crop.GIVEN, Crop.FOUND, Crop.NOBODY, None]
    assert rows_without_athlete(store, frames) == [2]
    assert rows_without(store, frames) == [3]
    with AthleteFinder() as finder:
        boxes = [frames[0].box, finder.find(athlete), None]
    expected = backbone.extract(
        np.stack(
            [
                athlete_crop(images[frame.image], box, 32)
                for frame, box in zip(frames[:3], boxes, strict=True)
            ]
        )
    )
    found, known = store.rows(frames)
    assert known.tolist() == [True, True, True, False]
    assert np.allclose(found[:3], expected, atol=0.01)


def test_an_outage_is_not_taken_for_missing_pictures(backbone, store):
    """So many unavailable images end the run."""
    frames = [picture(str(number), Box(0, 0, 9, 9)) for number in range(100)]

    def away(row: int) -> np.ndarray:
        raise MediaUnavailable("not there")

    with pytest.raises(StudioUnreachable):
        extract_pictures(backbone, store, frames, range(100), away, ignore_progress)
