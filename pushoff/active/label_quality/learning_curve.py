"""How held-out F1 grew with labels: heads fitted on nested shares of those there are.

Every head, of whatever share, is judged on the same held-out frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.active.label_quality.bootstrap import Estimate, session_draws, with_interval
from pushoff.errors import TooFewLabels
from pushoff.learning.frame.logistic_head import fit_frame_head
from pushoff.learning.frame.temperature_scaling import careful_threshold

SEEDS = 8
"""Orders in which the labels are imagined to have come."""
SMALLEST = 20
"""Labels of the smallest share."""
STEP = 2**0.5
"""Each share holds so many times the labels of the one before."""
LEAST_SHARES = 4
LEAST_HELD_OUT = 5
"""Held-out labels of each class below which nothing is said: as `PUSHOFF_MIN_PER_CLASS`."""
DRAWS = 300
"""Of held-out sessions and of orders; each is fitted a curve of its own."""


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Held-out F1 at growing numbers of labels."""

    labels: tuple[int, ...]
    """(K,) sizes, ascending; the last is all there are."""
    f1: tuple[Estimate, ...]
    """(K,) mean over the orders."""
    drawn: np.ndarray
    """(DRAWS, K) F1 for other draws of held-out sessions and orders: what intervals come from."""


@dataclass(frozen=True, eq=False)
class LabelledFeatures:
    """N labels as a head sees them."""

    features: np.ndarray
    """(N, D) float."""
    labels: np.ndarray
    """(N,) 0 or 1."""
    sessions: tuple[str, ...]
    weights: np.ndarray | None = None
    """(N,) how much each counts in fitting; None: all alike."""


def share_sizes(count: int) -> tuple[int, ...]:
    """Sizes of the nested shares of `count` labels, from 20 on, ascending."""
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
    """Fit heads on shares of `fit`, choose each one's threshold on `choose`, judge on `held_out`.

    Raises TooFewLabels when there are fewer than four shares, or too few held-out labels of a
    class.
    """
    sizes = share_sizes(len(fit.labels))
    least = min(int((held_out.labels == one).sum()) for one in (0, 1))
    both = all(len(np.unique(part.labels)) == 2 for part in (fit, choose))
    if len(sizes) < LEAST_SHARES or least < LEAST_HELD_OUT or not both:
        needed = round(SMALLEST * STEP ** (LEAST_SHARES - 1))
        raise TooFewLabels(
            f"{len(fit.labels)} labels to learn from and {least} held-out ones of the rarer class: "
            f"a learning curve needs about {needed}, of both classes, and {LEAST_HELD_OUT}."
        )
    fired = np.stack(  # (SEEDS, K, N) bool
        [_answers(fit, choose, held_out, sizes, seed * 1000 + one) for one in range(SEEDS)]
    )
    truth = held_out.labels == 1
    rng = np.random.default_rng(seed)
    f1 = _f1(fired, truth, np.ones(len(truth))).mean(axis=0)
    drawn = np.array(
        [
            _f1(fired[rng.integers(0, SEEDS, SEEDS)], truth, times).mean(axis=0)
            for times in session_draws(held_out.sessions, DRAWS, seed)
        ]
    )
    points = tuple(with_interval(value, drawn[:, place]) for place, value in enumerate(f1))
    return LearningCurve(sizes, points, drawn)


def _answers(
    fit: LabelledFeatures,
    choose: LabelledFeatures,
    held_out: LabelledFeatures,
    sizes: Sequence[int],
    seed: int,
) -> np.ndarray:
    """(K, N) bool: which held-out frames the head of each share calls push_off."""
    order = _order(fit.labels, seed)
    answers = []
    for size in sizes:
        rows = order[:size]
        weights = None if fit.weights is None else fit.weights[rows]
        head = fit_frame_head(fit.features[rows], fit.labels[rows], weights)
        threshold = careful_threshold(head.probabilities(choose.features), choose.labels)
        answers.append(head.probabilities(held_out.features) >= threshold)
    return np.stack(answers)


def _order(labels: np.ndarray, seed: int) -> np.ndarray:
    """A random order whose first labels hold both classes."""
    order = np.random.default_rng(seed).permutation(len(labels))
    first = [int(np.flatnonzero(labels[order] == one)[0]) for one in (0, 1)]
    ahead = order[first]
    return np.concatenate([ahead, np.delete(order, first)])


def _f1(fired: np.ndarray, truth: np.ndarray, times: np.ndarray) -> np.ndarray:
    """(...,) F1 of (..., N) answers where each held-out frame counts `times` (N,)."""
    right = (fired & truth) @ times
    said, there = fired @ times, float(truth @ times)
    return 2 * right / np.maximum(said + there, 1e-9)
