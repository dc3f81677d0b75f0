"""Features normalised for strategies that need distances."""

import numpy as np
import pytest

from pushoff.active.strategies import embeddings
from pushoff.active.strategies.embeddings import embed, half_squared_distance, nearest_distance
from tests.unit.active.pools import pool_of


def test_directions_have_length_one():
    """Centred features are scaled to length 1 each, or, without directions, on average."""
    pool = pool_of(20, 1, labelled=4)
    rng = np.random.default_rng(1)
    unit = embed(pool, rng)
    assert np.linalg.norm(unit.pool, axis=1) == pytest.approx(np.ones(20), abs=1e-5)
    assert unit.labelled.shape == (4, unit.pool.shape[1])
    scaled = embed(pool, rng, directions=False)
    norms = np.linalg.norm(scaled.pool, axis=1)
    assert norms.mean() == pytest.approx(1, abs=1e-5) and norms.std() > 0.01


def test_distances_are_half_the_squared_euclidean():
    """Against the definition; the nearest of several is the smallest, inf without others."""
    rng = np.random.default_rng(2)
    vectors, others = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))
    direct = ((vectors[:, None] - others) ** 2).sum(axis=2) / 2
    assert half_squared_distance(vectors, others) == pytest.approx(direct)
    assert nearest_distance(vectors, others) == pytest.approx(direct.min(axis=1))
    assert np.isinf(nearest_distance(vectors, others[:0])).all()


def test_a_large_pool_is_subsampled(monkeypatch):
    """At most MAX_ROWS rows are compared; they are named in ascending order."""
    monkeypatch.setattr(embeddings, "MAX_ROWS", 7)
    sample = embed(pool_of(40, 1), np.random.default_rng(1))
    assert len(sample.rows) == 7 == len(sample.pool)
    assert (np.diff(sample.rows) > 0).all()
