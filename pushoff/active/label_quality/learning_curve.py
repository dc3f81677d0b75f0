"""The learning curve: held-out F1 of heads fitted on nested subsets of the labels.

All heads are scored on the same held-out frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.active.label_quality.bootstrap import Estimate, estimate, resampling_counts
from pushoff.errors import TooFewLabels
from pushoff.learning.evaluation.calibration import shrunk_threshold
from pushoff.learning.heads.logistic_head import fit_logistic_head

SEEDS = 8
"""Random orders of the labels."""
SMALLEST = 20
"""Labels of the smallest subset."""
STEP = 2**0.5
"""Ratio of the sizes of successive subsets."""
MIN_POINTS = 4
MIN_HELD_OUT = 5
"""Held-out labels of each class below which there is no curve."""
DRAWS = 300
"""Bootstrap samples of held-out videos and of orders."""


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Held-out F1 at growing numbers of labels."""

    labels: tuple[int, ...]
    """(K,) sizes, ascending; the last is all labels."""
    f1: tuple[Estimate, ...]
    """(K,) means over the orders."""
    resampled: np.ndarray
    """(DRAWS, K) F1 of each bootstrap sample."""


@dataclass(frozen=True, eq=False)
class LabelledFeatures:
    """N labels with the features a head is fitted on."""

    features: np.ndarray
    """(N, D) float."""
    labels: np.ndarray
    """(N,) 0 or 1."""
    video_ids: tuple[str, ...]
    weights: np.ndarray | None = None
    """(N,) sample weights for fitting; None for equal weights."""


def subset_sizes(count: int) -> tuple[int, ...]:
    """Sizes of the nested subsets of `count` labels, SMALLEST or more, ascending."""
    sizes: list[int] = []
    size = float(count)
    while size >= SMALLEST:
        sizes.append(round(size))
        size /= STEP
    return tuple(reversed(sizes))


def measure_curve(
    fit: LabelledFeatures,
    choose: LabelledFeatures,
    held_out: LabelledFeatures,
    seed: int = 1,
) -> LearningCurve:
    """Fit heads on subsets of `fit`, choose their thresholds on `choose`, score on `held_out`.

    Raises TooFewLabels when there are fewer than MIN_POINTS subsets, or too few held-out labels of
    a class.
    """
    sizes = subset_sizes(len(fit.labels))
    least = min(int((held_out.labels == label).sum()) for label in (0, 1))
    both = all(len(np.unique(part.labels)) == 2 for part in (fit, choose))
    if len(sizes) < MIN_POINTS or least < MIN_HELD_OUT or not both:
        needed = round(SMALLEST * STEP ** (MIN_POINTS - 1))
        raise TooFewLabels(
            f"{len(fit.labels)} training labels, {len(choose.labels)} validation labels and "
            f"{least} held-out labels of the rarer class: a learning curve needs about {needed} "
            f"training labels, validation labels of both classes, and {MIN_HELD_OUT} held-out "
            "labels of each."
        )
    predicted = np.stack(  # (SEEDS, K, N) bool
        [_predict(fit, choose, held_out, sizes, seed * 1000 + order) for order in range(SEEDS)]
    )
    truth = held_out.labels == 1
    rng = np.random.default_rng(seed)
    f1 = _f1(predicted, truth, np.ones(len(truth))).mean(axis=0)
    resampled = np.array(
        [
            _f1(predicted[rng.integers(0, SEEDS, SEEDS)], truth, times).mean(axis=0)
            for times in resampling_counts(held_out.video_ids, DRAWS, seed)
        ]
    )
    points = tuple(estimate(float(value), resampled[:, point]) for point, value in enumerate(f1))
    return LearningCurve(sizes, points, resampled)


def _predict(
    fit: LabelledFeatures,
    choose: LabelledFeatures,
    held_out: LabelledFeatures,
    sizes: Sequence[int],
    seed: int,
) -> np.ndarray:
    """(K, N) bool: held-out frames that the head of each subset predicts as push_off."""
    order = _random_order(fit.labels, seed)
    predictions = []
    for size in sizes:
        rows = order[:size]
        weights = None if fit.weights is None else fit.weights[rows]
        head = fit_logistic_head(fit.features[rows], fit.labels[rows], weights)
        threshold = shrunk_threshold(head.probabilities(choose.features), choose.labels)
        predictions.append(head.probabilities(held_out.features) >= threshold)
    return np.stack(predictions)


def _random_order(labels: np.ndarray, seed: int) -> np.ndarray:
    """A random order that begins with one label of each class."""
    order = np.random.default_rng(seed).permutation(len(labels))
    first = [int(np.flatnonzero(labels[order] == label)[0]) for label in (0, 1)]
    return np.concatenate([order[first], np.delete(order, first)])


def _f1(predicted: np.ndarray, truth: np.ndarray, times: np.ndarray) -> np.ndarray:
    """(...,) F1 of (..., N) predictions where each held-out frame counts `times` (N,)."""
    true_positives = (predicted & truth) @ times
    positives, relevant = predicted @ times, float(truth @ times)
    return 2 * true_positives / np.maximum(positives + relevant, 1e-9)
