"""What frames look like, for strategies that want variety: few enough rows, comparable lengths."""

from dataclasses import dataclass

import numpy as np

from pushoff.active.pool import Pool

MOST = 20_000
"""Frames compared with each other: of more, this many are drawn. 500 picks then take seconds, not
minutes, and a drawn frame has its near copies all around it anyway."""


@dataclass(frozen=True, eq=False)
class Looks:
    """Directions of the features about their mean, each of length 1."""

    rows: np.ndarray
    """(K,) rows of the pool that are compared, rising."""
    pool: np.ndarray
    """(K, D) float32."""
    labelled: np.ndarray
    """(M, D) float32, at most MOST of the labelled frames."""


def looks(pool: Pool, dice: np.random.Generator) -> Looks:
    """All frames, or MOST drawn at random of a larger pool."""
    rows = _drawn(len(pool), dice)
    seen = np.asarray(pool.features[rows], np.float32)
    known = np.asarray(pool.labelled.features, np.float32)
    known = known[_drawn(len(known), dice)].reshape(-1, seen.shape[1])
    middle = np.concatenate([seen, known]).mean(axis=0, dtype=float).astype(np.float32)
    return Looks(rows, _direction(seen - middle), _direction(known - middle))


def _drawn(count: int, dice: np.random.Generator) -> np.ndarray:
    if count <= MOST:
        return np.arange(count)
    return np.sort(dice.choice(count, MOST, replace=False))


def _direction(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
