"""How far annotators agree beyond chance: Cohen's kappa of each pair, Krippendorff's alpha of all.

Nominal, two classes. Alpha takes any number of annotators and tasks that only some have seen.
(The `krippendorff` package on PyPI is GPL-3, so its twelve lines are ours.)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pushoff.active.label_quality.bootstrap import Estimate, bootstrap

ENOUGH = 5
"""Tasks two people must share before anything is said of them."""


@dataclass(frozen=True)
class PairAgreement:
    """Two annotators on the tasks both have labelled."""

    annotators: tuple[int, int]
    tasks: int
    share: float
    """Of the tasks on which they say the same."""
    kappa: Estimate | None
    """Cohen's; 1 is full agreement, 0 what chance would give; None where both only ever said one
    and the same class."""


@dataclass(frozen=True)
class Agreement:
    """All annotators of a project."""

    annotators: int
    shared_tasks: int
    """Tasks that at least two have labelled."""
    alpha: Estimate | None
    """Krippendorff's; None below five shared tasks, and where only one class was ever said."""
    pairs: tuple[PairAgreement, ...]
    """Those with at least five tasks in common, by annotator."""


def agreement(
    words: Sequence[Mapping[int, int]], sessions: Sequence[str], seed: int = 1
) -> Agreement:
    """Agreement of N tasks' labels: each maps an annotator to 0 or 1.

    `sessions` (N,) are drawn as wholes for the intervals.
    """
    shared = [row for row, said in enumerate(words) if len(said) >= 2]
    people = sorted({one for said in words for one in said})
    pairs = []
    for a, b in combinations(people, 2):
        rows = [row for row in shared if a in words[row] and b in words[row]]
        if len(rows) >= ENOUGH:
            cells = np.array([2 * words[row][a] + words[row][b] for row in rows])
            kappa = bootstrap(cells, 4, cohen_kappa, [sessions[row] for row in rows], seed=seed)
            share = float(np.isin(cells, (0, 3)).mean())
            pairs.append(PairAgreement((a, b), len(rows), share, kappa))
    alpha = None
    if len(shared) >= ENOUGH:
        said = [(len(words[row]), sum(words[row].values())) for row in shared]
        kinds, cells = np.unique(np.array(said), axis=0, return_inverse=True)
        alpha = bootstrap(
            cells.ravel(),
            len(kinds),
            lambda tasks: krippendorff_alpha(kinds, tasks),
            [sessions[row] for row in shared],
            seed=seed,
        )
    return Agreement(len(people), len(shared), alpha, tuple(pairs))


def cohen_kappa(counts: np.ndarray) -> float:
    """Kappa from (4,) counts: both said 0, only the second said 1, only the first did, both did.

    NaN without tasks, or where chance alone explains everything.
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
    """Nominal alpha of two classes, as in Krippendorff's "Computing Alpha-Reliability" of 2011.

    `kinds` (K, 2) int: how many labels a task got, and how many of them were 1; `tasks` (K,): how
    many tasks there are of each kind. Tasks with one label count for nothing. NaN where only one
    class was said.
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
