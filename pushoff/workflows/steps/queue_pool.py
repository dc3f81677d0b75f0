"""Unlabelled and labelled frames of a project as query strategies see them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pushoff.active.pool import LabelledPool, Pool
from pushoff.storage.feature_store import FeatureStore
from pushoff.studio.task_data import TaskFrame
from pushoff.values import LabelledFrame

if TYPE_CHECKING:
    from pushoff.learning.frame.classifier import FrameClassifier

CHUNK = 20_000
"""Frames scored at a time: with four neighbours each they take 100 MB."""


def unlabelled_pool(
    store: FeatureStore,
    frames: Sequence[TaskFrame],
    model: "FrameClassifier | None",
    labelled: LabelledPool,
) -> Pool:
    """The frames of unlabelled tasks, with `model`'s probabilities where there is a model.

    Every frame must have features in `store`. Raises StorageFailed.
    """
    offsets_s = model.offsets_s if model else (0.0,)
    own_column = offsets_s.index(0.0)
    features, probabilities = [], [np.zeros(0)]
    for start in range(0, len(frames), CHUNK):
        neighbours, known = store.rows(
            frames[start : start + CHUNK], offsets_s
        )  # (n, K, D), (n, K)
        features.append(neighbours[:, own_column].copy())
        if model:
            probabilities.append(model.predict_from_features(neighbours, known))
    return Pool(
        features=np.concatenate(features) if features else np.zeros((0, 1), np.float16),
        probabilities=np.concatenate(probabilities) if model else None,
        video_ids=tuple(frame.video_id for frame in frames),
        groups=tuple(frame.split_group for frame in frames),
        times_s=_times_s(frames),
        threshold=model.card.threshold if model else 0.5,
        labelled=labelled,
    )


def labelled_pool(store: FeatureStore, labels: Sequence[LabelledFrame]) -> LabelledPool:
    """The labelled frames that have features in `store`; the others are left out."""
    features, known = store.rows(labels)  # (M, 1, D), (M, 1)
    rows = [row for row in range(len(labels)) if known[row, 0]]
    frames = [labels[row] for row in rows]
    return LabelledPool(
        features=features[rows, 0] if rows else np.zeros((0, 0), np.float16),
        labels=np.array([int(frame.label) for frame in frames], int),
        video_ids=tuple(frame.video_id for frame in frames),
        groups=tuple(frame.split_group for frame in frames),
        times_s=_times_s(frames),
    )


def _times_s(frames: Sequence[TaskFrame | LabelledFrame]) -> np.ndarray:
    """(N,) camera seconds, NaN where unknown."""
    return np.array([np.nan if frame.time_s is None else frame.time_s for frame in frames], float)
