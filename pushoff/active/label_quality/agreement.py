"""Agreement of annotators beyond chance: Cohen's kappa per pair, Krippendorff's alpha overall.

Nominal, two classes. Alpha allows any number of annotators and missing labels. The `krippendorff`
package is GPL-3, so alpha is implemented here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pushoff.active.label_quality.bootstrap import Estimate, bootstrap

MIN_SHARED_TASKS = 5
"""Shared tasks below which no agreement is reported."""


@dataclass(frozen=True)
class PairAgreement:
    """Agreement of two annotators on the tasks both have labelled."""

    annotators: tuple[int, int]
    tasks: int
    share: float
    """Share of these tasks with the same label."""
    kappa: Estimate | None
    """Cohen's kappa: 1 is full agreement, 0 is chance; None where both only ever used one and the
    same class."""


@dataclass(frozen=True)
class Agreement:
    """Agreement of all annotators of a project."""

    annotators: int
    shared_tasks: int
    """Tasks with labels of at least two annotators."""
    alpha: Estimate | None
    """Krippendorff's alpha; None below MIN_SHARED_TASKS, and where only one class was ever used."""
    pairs: tuple[PairAgreement, ...]
    """Pairs with at least MIN_SHARED_TASKS in common, by annotator."""


def agreement(
    labels: Sequence[Mapping[int, int]], video_ids: Sequence[str], seed: int = 1
) -> Agreement:
    """Agreement on N tasks; each entry of `labels` maps an annotator's id to 0 or 1.

    `video_ids` (N,) are the units of the bootstrap.
    """
    shared = [row for row, of_task in enumerate(labels) if len(of_task) >= 2]
    annotators = sorted({annotator for of_task in labels for annotator in of_task})
    pairs = []
    for a, b in combinations(annotators, 2):
        rows = [row for row in shared if a in labels[row] and b in labels[row]]
        if len(rows) >= MIN_SHARED_TASKS:
            cells = np.array([2 * labels[row][a] + labels[row][b] for row in rows])
            kappa = bootstrap(cells, 4, cohen_kappa, [video_ids[row] for row in rows], seed=seed)
            share = float(np.isin(cells, (0, 3)).mean())
            pairs.append(PairAgreement((a, b), len(rows), share, kappa))
    alpha = None
    if len(shared) >= MIN_SHARED_TASKS:
        counts = [(len(labels[row]), sum(labels[row].values())) for row in shared]
        kinds, cells = np.unique(np.array(counts), axis=0, return_inverse=True)
        alpha = bootstrap(
            cells.ravel(),
            len(kinds),
            lambda tasks: krippendorff_alpha(kinds, tasks),
            [video_ids[row] for row in shared],
            seed=seed,
        )
    return Agreement(len(annotators), len(shared), alpha, tuple(pairs))


def cohen_kappa(counts: np.ndarray) -> float:
    """Kappa from (4,) counts of (first, second) label pairs 00, 01, 10, 11.

    NaN without tasks, and where chance agreement is 1.
    """
    neither, second, first, both = counts
    total = counts.sum()
    if not total:
        return float("nan")
    a, b = (first + both) / total, (second + both) / total
    chance = a * b + (1 - a) * (1 - b)
    if chance >= 1 - 1e-12:
        return float("nan")
    return float(((neither + both) / total - chance) / (1 - chance))


def krippendorff_alpha(kinds: np.ndarray, tasks: np.ndarray) -> float:
    """Nominal alpha of two classes, as in Krippendorff, "Computing Krippendorff's
    Alpha-Reliability" (2011).

    `kinds` (K, 2) int: number of labels of a task, and how many of them are 1; `tasks` (K,): number
    of tasks of each kind. Tasks with one label are ignored. NaN where only one class was used.
    """
    labels, ones = kinds[:, 0].astype(float), kinds[:, 1].astype(float)
    paired = labels >= 2
    labels, ones, tasks = labels[paired], ones[paired], np.asarray(tasks, float)[paired]
    total, total_ones = float(labels @ tasks), float(ones @ tasks)
    expected = total_ones * (total - total_ones)
    if expected <= 0:
        return float("nan")
    observed = float((ones * (labels - ones) / (labels - 1)) @ tasks)
    return 1 - (total - 1) * observed / expected
