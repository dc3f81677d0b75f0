"""Normalised features for strategies that need distances, of at most MAX_ROWS frames."""

from dataclasses import dataclass

import numpy as np

from pushoff.active.pool import Pool

MAX_ROWS = 20_000
"""Frames compared with each other; a larger pool is subsampled to this many. Choosing 500 frames
then takes seconds, not minutes, and a subsample still has a near-duplicate of every other frame."""
_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Centred features, each of length 1, or scaled to length 1 on average."""

    rows: np.ndarray
    """(K,) rows of the pool that are compared, ascending."""
    pool: np.ndarray
    """(K, D) float32."""
    labelled: np.ndarray
    """(M, D) float32, at most MAX_ROWS of the labelled frames."""


def embed(pool: Pool, rng: np.random.Generator, *, directions: bool = True) -> Embeddings:
    """All frames, or MAX_ROWS sampled from a larger pool; `directions` gives each length 1."""
    rows = _sample(len(pool), rng)
    unlabelled = np.asarray(pool.features[rows], np.float32)
    labelled = np.asarray(pool.labelled.features, np.float32)
    labelled = labelled[_sample(len(labelled), rng)].reshape(-1, unlabelled.shape[1])
    mean = np.concatenate([unlabelled, labelled]).mean(axis=0, dtype=float).astype(np.float32)
    unlabelled, labelled = unlabelled - mean, labelled - mean
    if directions:
        return Embeddings(rows, unlabelled / _norms(unlabelled), labelled / _norms(labelled))
    mean_norm = _norms(unlabelled).mean()
    return Embeddings(rows, unlabelled / mean_norm, labelled / mean_norm)


def half_squared_distance(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(K, M) half the squared distance of (K, D) from (M, D); 1 - cosine for vectors of length
    1."""
    return half_squares(vectors)[:, None] + half_squares(others) - vectors @ others.T


def nearest_distance(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(K,) `half_squared_distance` of (K, D) from the nearest of (M, D); inf without others."""
    distance = np.full(len(vectors), np.inf, np.float32)
    for start in range(0, len(others), _CHUNK):
        chunk = half_squared_distance(vectors, others[start : start + _CHUNK])
        distance = np.minimum(distance, chunk.min(axis=1))
    return distance


def _sample(count: int, rng: np.random.Generator) -> np.ndarray:
    if count <= MAX_ROWS:
        return np.arange(count)
    return np.sort(rng.choice(count, MAX_ROWS, replace=False))


def _norms(vectors: np.ndarray) -> np.ndarray:
    return np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def half_squares(vectors: np.ndarray) -> np.ndarray:
    """(K,) half the squared norms of (K, D) vectors."""
    return (vectors * vectors).sum(axis=1) / 2
