"""What frames look like, for strategies that want variety: few enough rows, comparable lengths."""

from dataclasses import dataclass

import numpy as np

from pushoff.active.pool import Pool

MOST = 20_000
"""Frames compared with each other: of more, this many are drawn. 500 picks then take seconds, not
minutes, and a drawn frame has its near copies all around it anyway."""
_CHUNK = 1024


@dataclass(frozen=True, eq=False)
class Embeddings:
    """Features about their mean: of length 1 each, or as they are but of length 1 on average."""

    rows: np.ndarray
    """(K,) rows of the pool that are compared, rising."""
    pool: np.ndarray
    """(K, D) float32."""
    labelled: np.ndarray
    """(M, D) float32, at most MOST of the labelled frames."""


def embed(pool: Pool, dice: np.random.Generator, *, directions: bool = True) -> Embeddings:
    """All frames, or MOST drawn at random of a larger pool; `directions` makes each of length 1."""
    rows = _drawn(len(pool), dice)
    seen = np.asarray(pool.features[rows], np.float32)
    known = np.asarray(pool.labelled.features, np.float32)
    known = known[_drawn(len(known), dice)].reshape(-1, seen.shape[1])
    middle = np.concatenate([seen, known]).mean(axis=0, dtype=float).astype(np.float32)
    seen, known = seen - middle, known - middle
    if directions:
        return Embeddings(rows, seen / _lengths(seen), known / _lengths(known))
    usual = _lengths(seen).mean()
    return Embeddings(rows, seen / usual, known / usual)


def half_squared_distance(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(K, M) half the squared distance of (K, D) from (M, D); of directions 1 - cosine."""
    return half_squares(vectors)[:, None] + half_squares(others) - vectors @ others.T


def nearest_distance(vectors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """(K,) `half_squared_distance` of each of (K, D) vectors from the nearest of (M, D) others, inf of none."""
    near = np.full(len(vectors), np.inf, np.float32)
    for start in range(0, len(others), _CHUNK):
        near = np.minimum(
            near, half_squared_distance(vectors, others[start : start + _CHUNK]).min(axis=1)
        )
    return near


def _drawn(count: int, dice: np.random.Generator) -> np.ndarray:
    if count <= MOST:
        return np.arange(count)
    return np.sort(dice.choice(count, MOST, replace=False))


def _lengths(vectors: np.ndarray) -> np.ndarray:
    return np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def half_squares(vectors: np.ndarray) -> np.ndarray:
    """(K,) half the squared lengths of (K, D) vectors."""
    return (vectors * vectors).sum(axis=1) / 2
