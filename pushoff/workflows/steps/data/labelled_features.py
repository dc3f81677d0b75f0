"""The labels of one split of a data set as pictures alone, to measure the learning curve with."""

from typing import TYPE_CHECKING

import numpy as np

from pushoff.active.label_quality.learning_curve import LabelledFeatures
from pushoff.learning.data.manifest import DatasetManifest
from pushoff.values import Split

if TYPE_CHECKING:
    from pushoff.learning.heads.training_data import TrainingData


def labelled_features(
    data: "TrainingData", manifest: DatasetManifest, split: Split
) -> LabelledFeatures:
    """Features, labels and weights of the folds that the data set uses as `split`.

    `data` has the labels of `manifest`. A lone picture counts as one of the video or athlete that
    is its group. Frames without an athlete, whose features are zeros, are left out.
    """
    folds = [fold for fold in manifest.folds if manifest.split_of(fold) is split]
    features, names = [], []
    for video in data.videos:
        features.append(video.pictures)
        names += [video.video_id] * len(video.rows)
    if len(data.pictures):
        features.append(data.pictures.features)
        names += data.pictures.groups
    in_split = np.concatenate([np.isin(rows.folds, folds) for rows in data.rows])
    joined = np.concatenate(features) if features else np.zeros((0, 1))
    chosen = np.flatnonzero(in_split & joined.any(axis=1))
    return LabelledFeatures(
        features=joined[chosen].astype(np.float32),
        labels=np.concatenate([rows.labels for rows in data.rows])[chosen],
        video_ids=tuple(names[row] for row in chosen),
        weights=np.concatenate([rows.weights for rows in data.rows])[chosen],
    )
