"""TypiClust: the most typical frame of each cluster that has no label yet.

Hacohen, Dekel and Weinshall, "Active learning on a budget: opposite strategies suit high and low
budgets", 2022. It needs no model, which suits a cold start. Door: scikit-learn's k-means.
"""

from dataclasses import replace

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.embeddings import embed
from pushoff.active.strategies.ranking import Ranking, ranked
from pushoff.active.strategies.reasons import NO_MODEL

NEIGHBOURS = 20
"""Typicality is measured over this many neighbours of the own cluster (the paper's number)."""
MAX_CLUSTERS = 500
"""The paper's limit, which also bounds the time clustering takes."""
NOT_COMPARED = "Not compared with the other frames: there are too many."


def preload() -> None:
    """Import scikit-learn's clustering before it is needed, for a process that forks."""
    import sklearn.cluster  # noqa: F401


def typiclust(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """As many clusters as labels and chosen frames together; fewest labels, then largest first."""
    embedded = embed(pool, rng)
    vectors = np.concatenate([embedded.pool, embedded.labelled])
    clusters = min(len(embedded.labelled) + max(count, 1), MAX_CLUSTERS, max(len(vectors) // 2, 1))
    cluster = _clusters(vectors, clusters, rng)
    own, labelled = cluster[: len(embedded.rows)], cluster[len(embedded.rows) :]
    labels = np.bincount(labelled, minlength=clusters)
    sizes = np.bincount(own, minlength=clusters)
    typical = np.zeros(len(own))
    by_cluster = np.split(np.argsort(own, kind="stable"), np.cumsum(sizes)[:-1])
    for members in by_cluster:
        if len(members):
            typical[members] = _typicality(embedded.pool[members])
    rank = np.empty(len(own), int)  # 0 for the most typical of its cluster, then 1, ...
    for members in by_cluster:
        rank[members[np.argsort(-typical[members], kind="stable")]] = np.arange(len(members))
    order = np.lexsort((-typical, -sizes[own], labels[own] + rank))
    scores = np.full(len(pool), -np.inf)
    scores[embedded.rows[order]] = -np.arange(len(order), dtype=float)
    reasons = [NOT_COMPARED] * len(pool)
    for row, number, place in zip(embedded.rows.tolist(), own, rank, strict=True):
        reasons[row] = _reason(int(sizes[number]), int(labels[number]), typical=place == 0)
    return ranked(scores, embedded.rows[order[:count]], reasons)


def without_model(pool: Pool, count: int, rng: np.random.Generator) -> Ranking:
    """The fallback of strategies that need probabilities, before the first model."""
    ranking = typiclust(pool, count, rng)
    return replace(ranking, reasons=tuple(f"{NO_MODEL} {reason}" for reason in ranking.reasons))


def _reason(size: int, labels: int, *, typical: bool) -> str:
    """On a frame of a group of `size` unlabelled frames that look alike, and `labels` labelled."""
    if labels:
        known = f"{labels} labelled frame{'s' * (labels != 1)} look{'s' * (labels == 1)} like it."
    else:
        known = "no labelled frame looks like it."
    if size == 1:
        return f"Unlike all other unlabelled frames; {known}"
    return f"{'Typical' if typical else 'One'} of {size} similar frames; {known}"


def _clusters(vectors: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """(K,) cluster of each vector; deterministic for the same vectors and generator."""
    if count < 2 or len(vectors) < 2:
        return np.zeros(len(vectors), int)
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    distinct = len(np.unique(vectors, axis=0)) if len(vectors) < 1000 else count
    seed = int(rng.integers(2**31))
    model = KMeans(min(count, distinct), n_init=1, max_iter=20, random_state=seed)
    with threadpool_limits(
        1
    ):  # floating-point sums, and so clusters, would depend on thread timing
        return model.fit_predict(vectors)


def _typicality(members: np.ndarray) -> np.ndarray:
    """(C,) inverse of the mean distance to the nearest of (C, D) `members`."""
    if len(members) == 1:
        return np.zeros(1)
    neighbours = min(NEIGHBOURS, len(members) - 1)
    result = np.empty(len(members))
    for start in range(0, len(members), 1024):
        cosine = members[start : start + 1024] @ members.T
        distance = np.sqrt(np.maximum(2 - 2 * cosine, 0))
        nearest = np.partition(distance, neighbours, axis=1)[
            :, : neighbours + 1
        ]  # with itself, at 0
        result[start : start + 1024] = 1 / (nearest.sum(axis=1) / neighbours + 1e-6)
    return result
