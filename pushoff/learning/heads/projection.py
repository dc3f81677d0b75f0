"""Principal components of the training features of a view, in several rounds. NumPy only.

Rounds that hold out different folds share most of their videos. The sums over the frames are thus
made once for all videos that are in the same rounds, and added up for each round.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.errors import TooFewLabels
from pushoff.learning.features.video_features import VideoFeatures

_LEAST_SPREAD = 1e-3
"""Added to standard deviations, so that a constant feature stays finite."""


@dataclass(frozen=True, eq=False)
class Projection:
    """`(features - mean) @ matrix` has components of unit variance."""

    mean: np.ndarray
    """(D,) float64."""
    matrix: np.ndarray
    """(D, components) float64."""


@dataclass(eq=False)
class _Moments:
    """Sums over frames of D features, float64."""

    count: int
    total: np.ndarray
    """(D,)."""
    products: np.ndarray
    """(D, D)."""

    def add(self, other: "_Moments") -> None:
        self.count += other.count
        self.total += other.total
        self.products += other.products


def fit_projections(
    rounds: Sequence[Sequence[VideoFeatures]], view: str, inputs: int, components: int
) -> list[Projection]:
    """Of each round's videos, on frames with an athlete: the largest components of `inputs`.

    Every feature first has unit variance, and so has every component afterwards. Raises
    TooFewLabels where a round's videos show no athlete.
    """
    videos = {id(features): features for videos in rounds for features in videos}
    ids = [{id(features) for features in videos} for videos in rounds]
    sums: dict[tuple[bool, ...], _Moments] = {}
    for key, features in videos.items():
        member = tuple(key in own for own in ids)
        moments = sums.setdefault(member, _zeros(inputs))
        for views in features.views.values():
            moments.add(_moments(views[view][features.athlete]))
    projections = []
    for number, own in enumerate(rounds):
        moments = _zeros(inputs)
        for member, part in sums.items():
            if member[number]:
                moments.add(part)
        if not moments.count:
            raise TooFewLabels(
                f"No athlete was found in the {len(own)} videos, so there is nothing to train on",
                code="no_athlete",
            )
        projections.append(_projection(moments, components))
    return projections


def _zeros(width: int) -> _Moments:
    return _Moments(0, np.zeros(width), np.zeros((width, width)))


def _moments(rows: np.ndarray) -> _Moments:
    """Of (N, D) features."""
    features = rows.astype(np.float64)
    return _Moments(len(features), features.sum(0), features.T @ features)


def _projection(moments: _Moments, components: int) -> Projection:
    mean = moments.total / moments.count
    covariance = moments.products / moments.count - np.outer(mean, mean)
    scale = np.sqrt(np.maximum(np.diag(covariance), 0)) + _LEAST_SPREAD
    if components == len(mean):
        return Projection(mean, np.diag(1 / scale))
    variances, directions = np.linalg.eigh(covariance / np.outer(scale, scale))
    largest = np.argsort(-variances, kind="stable")[:components]
    spread = np.sqrt(np.maximum(variances[largest], 0)) + _LEAST_SPREAD
    return Projection(mean, directions[:, largest] / spread / scale[:, None])
