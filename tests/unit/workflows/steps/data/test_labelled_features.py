"""The labels of a split, from videos and from lone pictures."""

from dataclasses import dataclass

import numpy as np
import pytest

from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.features.feature_extractor import PLAIN
from pushoff.learning.heads.training_data import (
    PICTURE_VIEW,
    LabelledRows,
    LonePictures,
    TrainingData,
)
from pushoff.values import Split
from pushoff.workflows.steps.data.labelled_features import labelled_features
from tests.unit.learning.event_samples import known_videos, training_data_of


@dataclass(frozen=True)
class Division:
    """As a manifest's: fold 0 is the test, fold 1 validates."""

    folds: tuple[int, ...] = (0, 1, 2)

    def split_of(self, fold: int) -> Split:
        return (Split.TEST, Split.VAL, Split.TRAIN)[fold]


@pytest.fixture
def data() -> TrainingData:
    """Three videos in three folds; three pictures, of which one is in a gap."""
    videos = known_videos("abc", count=2)
    features = np.stack([np.full(FEATURES, value, np.float16) for value in (7, 8, 9)])
    rows = LabelledRows(
        labels=np.array([1, 0, 1]),
        folds=np.array([2, -1, 0]),
        weights=np.array([0.5, 1.0, 1.0]),
        unaided=np.array([False, True, True]),
    )
    pictures = LonePictures(
        ("f" * 64, "e" * 64, "d" * 64), ("c", "c", "a"), features, rows, ("real",) * 3
    )
    return TrainingData(videos, pictures, "athlete")


def test_each_label_is_in_the_split_of_its_fold(data):
    """Videos first, then pictures; what is in a gap is in no split."""
    parts = {split: labelled_features(data, Division(), split) for split in Split}
    first, second, third = data.videos
    train = parts[Split.TRAIN]
    assert train.video_ids == (third.video_id,) * len(third.rows) + ("c",)
    assert np.array_equal(train.features[:-1], third.pictures.astype(np.float32))
    assert (train.features[-1] == 7).all()
    assert train.weights[-1] == 0.5
    assert parts[Split.VAL].video_ids == (second.video_id,) * len(second.rows)
    assert np.array_equal(parts[Split.VAL].labels, second.rows.labels)
    assert len(parts[Split.TEST].labels) == len(first.rows) + 1


def test_a_frame_without_an_athlete_is_left_out():
    """Its features are zeros, which no head is fitted on."""
    [video] = known_videos("a", count=2)
    pictures = video.features.views[PLAIN][PICTURE_VIEW]
    pictures[video.frames[:5]] = 0
    part = labelled_features(training_data_of([video]), Division((0,)), Split.TEST)
    assert len(part.labels) == len(video.rows) - 5
    assert np.array_equal(part.labels, video.rows.labels[5:])


def test_a_split_may_be_empty():
    """With a single fold nothing is held out."""
    data = training_data_of(known_videos("a", count=2))
    part = labelled_features(data, Division((2,)), Split.TEST)
    assert len(part.labels) == len(part.features) == 0
    assert part.video_ids == ()
