"""TypiClust: of the clusters nobody has labelled yet, the most typical frame of each.

Hacohen, Dekel and Weinshall, "Active learning on a budget: opposite strategies suit high and low
budgets", 2022. Good for a cold start: it needs no model. Door: scikit-learn's k-means.
"""

from dataclasses import replace

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.embeddings import embed
from pushoff.active.strategies.ranking import Ranking, ranked

NEIGHBOURS = 20
"""Typical is who is near to this many of the own cluster (the paper's number)."""
MOST_CLUSTERS = 500
"""The paper's limit on clusters, which also limits how long clustering takes."""
WHY = "This is typical of frames that look alike and have few labels yet."
WHY_REST = "Frames like this one are asked about before it."
NO_MODEL = "There is no model yet. "


def typiclust(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """As many clusters as there are labels and picks; the least covered, largest ones first."""
    seen = embed(pool, dice)
    both = np.concatenate([seen.pool, seen.labelled])
    clusters = min(len(seen.labelled) + max(count, 1), MOST_CLUSTERS, max(len(both) // 2, 1))
    cluster = _clusters(both, clusters, dice)
    own, covered = cluster[: len(seen.rows)], cluster[len(seen.rows) :]
    labels = np.bincount(covered, minlength=clusters)
    sizes = np.bincount(own, minlength=clusters)
    typical = np.zeros(len(own))
    by_cluster = np.split(np.argsort(own, kind="stable"), np.cumsum(sizes)[:-1])
    for members in by_cluster:
        if len(members):
            typical[members] = _typicality(seen.pool[members])
    inside = np.empty(len(own), int)  # 0 for the most typical of its cluster, then 1, ...
    for members in by_cluster:
        inside[members[np.argsort(-typical[members], kind="stable")]] = np.arange(len(members))
    order = np.lexsort((-typical, -sizes[own], labels[own] + inside))
    scores = np.full(len(pool), -np.inf)
    scores[seen.rows[order]] = -np.arange(len(order), dtype=float)
    return ranked(scores, seen.rows[order[:count]], WHY_REST, WHY)


def without_model(pool: Pool, count: int, dice: np.random.Generator) -> Ranking:
    """What strategies that need probabilities do before there is a first model."""
    ranking = typiclust(pool, count, dice)
    said = {why: NO_MODEL + why for why in (WHY, WHY_REST)}
    return replace(ranking, why=tuple(said[why] for why in ranking.why))


def _clusters(vectors: np.ndarray, count: int, dice: np.random.Generator) -> np.ndarray:
    """(K,) number of each vector's cluster; the same vectors and dice give the same clusters."""
    if count < 2 or len(vectors) < 2:
        return np.zeros(len(vectors), int)
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    apart = len(np.unique(vectors, axis=0)) if len(vectors) < 1000 else count
    seed = int(dice.integers(2**31))
    model = KMeans(min(count, apart), n_init=1, max_iter=20, random_state=seed)
    with threadpool_limits(1):  # so that sums, and with them clusters, do not depend on timing
        return model.fit_predict(vectors)


def _typicality(members: np.ndarray) -> np.ndarray:
    """(C,) inverse of the mean distance to the nearest of (C, D) `members`."""
    if len(members) == 1:
        return np.zeros(1)
    near = min(NEIGHBOURS, len(members) - 1)
    result = np.empty(len(members))
    for start in range(0, len(members), 1024):
        alike = members[start : start + 1024] @ members.T
        apart = np.sqrt(np.maximum(2 - 2 * alike, 0))
        nearest = np.partition(apart, near, axis=1)[:, : near + 1]  # oneself is one of them, at 0
        result[start : start + 1024] = 1 / (nearest.sum(axis=1) / near + 1e-6)
    return result
