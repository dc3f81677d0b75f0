from dataclasses import dataclass

import numpy as np
import pytest

from pushoff.errors import Unsafe
from pushoff.storage.deletion import delete_video
from pushoff.storage.feature_store import Crop, FeatureStore, prune_features
from pushoff.storage.object_store import Storage
from pushoff.values import Box

VIDEO, BACKBONE = "0123456789abcdef", "fedcba9876543210"


@dataclass(frozen=True)
class Look:
    video_id: str = VIDEO
    frame_index: int | None = None
    image: str = "a.jpg"
    box: Box | None = None


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path / "storage"))


@pytest.fixture
def store(storage, tmp_path):
    return FeatureStore(storage, BACKBONE)


def video(count=10, width=4):
    return np.arange(count * width, dtype=np.float16).reshape(count, width)


def test_a_videos_frames_are_found_by_their_number(store):
    """A frame's features are those of the video's frame of its number, in whatever order."""
    store.save_video(VIDEO, video())
    found, known = store.rows([Look(frame_index=index) for index in (5, 0, 9)])
    assert known.all()
    assert (found == video()[[5, 0, 9]]).all()


def test_a_frame_outside_the_video_is_not_made_up(store):
    """A number the video does not have is unknown, not the last frame."""
    store.save_video(VIDEO, video())
    _, known = store.rows([Look(frame_index=10)])
    assert not known.any()


def test_pictures_without_a_video_are_kept_by_address_and_box(store):
    """An uploaded picture is known with its own crop only."""
    one, other = Look(video_id="ana", image="x.jpg"), Look(video_id="ana", image="x.jpg",
                                                          box=Box(0, 0, 5, 5))  # fmt: skip
    store.save_images([one], np.full((1, 4), 7), [Crop.FOUND])
    found, known = store.rows([one, other])
    assert known.tolist() == [True, False]
    assert (found[0] == 7).all()
    assert (store.crop(one), store.crop(other)) == (Crop.FOUND, None)


def test_what_a_picture_shows_is_remembered(store, storage):
    """The given box, the athlete who was found, or the whole image."""
    crops = [Crop.GIVEN, Crop.FOUND, Crop.NOBODY]
    frames = [
        Look(video_id="ana", image=f"{crop.value}.jpg", box=Box(1, 2, 3, 4) if row == 0 else None)
        for row, crop in enumerate(crops)
    ]
    store.save_images(frames, np.arange(12).reshape(3, 4), crops)
    fresh = FeatureStore(storage, BACKBONE)
    assert [fresh.crop(frame) for frame in frames] == crops
    assert [crop.shows_athlete for crop in crops] == [True, True, False]
    found, known = fresh.rows(frames)
    assert known.all() and (found == np.arange(12).reshape(3, 4)).all()


def test_a_frame_of_a_stored_video_shows_its_athlete(store):
    """It was cropped to the box of the video."""
    store.save_video(VIDEO, video())
    assert store.crop(Look(frame_index=3)) is Crop.GIVEN
    assert store.crop(Look(frame_index=99)) is None


def test_features_lie_on_disk_in_half_precision(store, storage):
    """Two bytes a number, mapped, not read: a million frames of 512 are 1 GB of disk."""
    store.save_video(VIDEO, video(100, 512))
    [key] = [key for key in storage.list("frame-features") if key.endswith(".npy")]
    assert storage.size(key) < 100 * 512 * 2 + 200
    assert isinstance(store.video(VIDEO), np.memmap)


def test_a_damaged_array_is_made_again(store, storage, tmp_path):
    """A file that was cut off counts as not there, so the video is described again."""
    store.save_video(VIDEO, video(100, 512))
    [key] = [key for key in storage.list("frame-features") if key.endswith(".npy")]
    storage.write(key, storage.read(key)[:300])
    fresh = FeatureStore(storage, BACKBONE)
    assert fresh.video(VIDEO) is None and not storage.exists(key)


def test_another_backbone_knows_nothing(store, storage, tmp_path):
    """What one backbone saw is no description for another."""
    store.save_video(VIDEO, video())
    assert FeatureStore(storage, "0" * 16).video(VIDEO) is None


def test_backbones_out_of_use_are_swept(store, storage):
    """Only the features of the named extractors stay."""
    store.save_video(VIDEO, video())
    assert prune_features(storage, [BACKBONE]) == 0
    assert prune_features(storage, []) == 1
    assert storage.list("frame-features") == []


def test_a_forgotten_video_is_forgotten_here_too(store, storage):
    """Deleting a video deletes the features of its frames."""
    store.save_video(VIDEO, video())
    delete_video(storage, VIDEO)
    assert storage.list("frame-features") == []


def test_loose_pictures_of_a_video_are_forgotten_with_it(store, storage):
    """A picture of a video that could not be decoded leaves nothing behind either."""
    pictures = [Look(image="x.jpg"), Look(video_id="ana", image="y.jpg")]
    store.save_images(pictures, np.ones((2, 4)), [Crop.FOUND] * 2)
    delete_video(storage, VIDEO)
    fresh = FeatureStore(storage, BACKBONE)
    _, known = fresh.rows(pictures)
    assert known.tolist() == [False, True]


@pytest.mark.parametrize("name", ["../../etc", "", "0123456789ABCDEF"])
def test_names_cannot_leave_the_folder(store, storage, tmp_path, name):
    """Neither a video's nor a backbone's name is ever a path."""
    with pytest.raises(Unsafe):
        store.save_video(name, video())
    with pytest.raises(Unsafe):
        FeatureStore(storage, name)
    assert store.video(name) is None
