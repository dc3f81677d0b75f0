"""Landmarks are found once for each video, and go with it."""

import numpy as np
import pytest

from pushoff.learning.features.landmarks import load_landmarks, save_landmarks
from pushoff.storage.deletion import delete_video
from pushoff.storage.object_store import Storage

SHA256 = "ab" * 32
LANDMARKS = np.arange(5 * 33 * 4, dtype=np.float32).reshape(5, 33, 4)


@pytest.fixture
def storage(tmp_path) -> Storage:
    return Storage(str(tmp_path))


def test_landmarks_come_back_as_they_were(storage):
    """For the same file and camera's rate only."""
    LANDMARKS[0] = np.nan
    save_landmarks(storage, SHA256, 240.0, LANDMARKS)
    assert np.array_equal(load_landmarks(storage, SHA256, 240.0), LANDMARKS, equal_nan=True)
    assert load_landmarks(storage, SHA256, None) is None
    assert load_landmarks(storage, "cd" * 32, 240.0) is None


def test_damaged_landmarks_are_found_again(storage):
    """They are no error."""
    save_landmarks(storage, SHA256, None, LANDMARKS)
    [key] = storage.list("features/landmarks")
    storage.write(key, b"no array")
    assert load_landmarks(storage, SHA256, None) is None


def test_a_deleted_video_has_no_landmarks(storage):
    """They show how somebody moves."""
    save_landmarks(storage, SHA256, None, LANDMARKS)
    delete_video(storage, SHA256[:16])
    assert storage.list("features/landmarks") == []
