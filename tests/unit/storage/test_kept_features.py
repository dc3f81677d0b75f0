"""Stored features in a process that stores none."""

import numpy as np
import pytest

from pushoff.storage.feature_store import Crop, FeatureStore
from pushoff.storage.kept_features import KeptFeatures
from pushoff.storage.object_store import Storage
from tests.unit.storage.test_feature_store import BACKBONE, VIDEO, Look, video


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path / "storage"))


@pytest.fixture
def store(storage):
    """The worker's."""
    return FeatureStore(storage, BACKBONE)


@pytest.mark.parametrize("refresh_s", [0, 3600])
def test_what_a_worker_stores_later_is_known_after_a_refresh(storage, store, refresh_s):
    """Frames of videos and single images, with what they show."""
    kept = KeptFeatures(lambda: storage, refresh_s)
    frames = [Look(frame_index=3), Look(video_id="ana", image="x.jpg"), Look(image="y.jpg")]
    _, crops = kept.of(BACKBONE, frames)
    assert crops == [None, None, None]
    store.save_video(VIDEO, video())
    store.save_images(frames[1:], np.full((2, 4), 7), [Crop.NOBODY, Crop.FOUND])
    features, crops = kept.of(BACKBONE, frames)
    if refresh_s:
        assert crops == [None, None, None]
        return
    assert crops == [Crop.GIVEN, Crop.NOBODY, Crop.FOUND]
    assert (features == [video()[3], [7] * 4, [7] * 4]).all()


def test_deleted_features_are_forgotten(storage, store):
    """At the next refresh."""
    kept = KeptFeatures(lambda: storage, 0)
    frame = Look(image="y.jpg")
    store.save_images([frame], np.ones((1, 4)), [Crop.FOUND])
    assert kept.of(BACKBONE, [frame])[1] == [Crop.FOUND]
    store.delete_video(VIDEO)
    assert kept.of(BACKBONE, [frame, Look(image="z.jpg")])[1] == [None, None]


def test_another_extractor_has_other_features(storage, store):
    """After a promotion of another backbone nothing of the former one is used."""
    kept = KeptFeatures(lambda: storage, 3600)
    store.save_video(VIDEO, video())
    assert kept.of(BACKBONE, [Look(frame_index=1)])[1] == [Crop.GIVEN]
    assert kept.of("0" * 16, [Look(frame_index=1)])[1] == [None]
