"""Unlabelled and labelled frames of a project as query strategies see them."""

from collections.abc import Sequence

import numpy as np

from pushoff.active.pool import LabelledPool, Pool
from pushoff.storage.feature_store import FeatureStore
from pushoff.studio.task_data import TaskFrame
from pushoff.values import LabelledFrame
from pushoff.workflows.steps.suggestions import FrameSuggestion

NEUTRAL = 0.5
"""The probability of a frame of which nothing is known."""


def unlabelled_pool(
    store: FeatureStore,
    frames: Sequence[TaskFrame],
    suggestions: Sequence[FrameSuggestion],
    labelled: LabelledPool,
) -> Pool:
    """The frames of unlabelled tasks, with the probabilities that are suggested, if any.

    Every frame must have features in `store`. A frame without a suggestion among others that have
    one counts as undecided, and as certain where nobody is in it. Raises StorageFailed.
    """
    features, _ = store.rows(frames)  # (N, D)
    probabilities = None
    if any(each.suggestion for each in suggestions):
        probabilities = np.array([_probability(each) for each in suggestions])
    return Pool(
        features=features if len(frames) else np.zeros((0, 1), np.float16),
        probabilities=probabilities,
        video_ids=tuple(frame.video_id for frame in frames),
        groups=tuple(frame.split_group for frame in frames),
        times_s=_times_s(frames),
        labelled=labelled,
    )


def _probability(suggested: FrameSuggestion) -> float:
    if suggested.suggestion:
        return suggested.suggestion.probability
    return 0.0 if suggested.nobody else NEUTRAL


def labelled_pool(store: FeatureStore, labels: Sequence[LabelledFrame]) -> LabelledPool:
    """The labelled frames that have features in `store`; the others are left out."""
    features, known = store.rows(labels)  # (M, D), (M,)
    rows = known.nonzero()[0].tolist()
    frames = [labels[row] for row in rows]
    return LabelledPool(
        features=features[rows] if rows else np.zeros((0, 0), np.float16),
        labels=np.array([int(frame.label) for frame in frames], int),
        video_ids=tuple(frame.video_id for frame in frames),
        groups=tuple(frame.split_group for frame in frames),
        times_s=_times_s(frames),
    )


def _times_s(frames: Sequence[TaskFrame | LabelledFrame]) -> np.ndarray:
    """(N,) camera seconds, NaN where unknown."""
    return np.array([np.nan if frame.time_s is None else frame.time_s for frame in frames], float)
