"""Probabilities that mean what they say: one temperature, learnt on validation. Numpy only."""

import numpy as np

from pushoff.learning.evaluation.metrics import best_threshold

NEUTRAL = 0.5
"""Where a class-weighted loss puts the border by itself."""
PRIOR_PUSH_OFFS = 10
"""So many push-offs in validation weigh as much as that: with four, the best threshold of a
rendered drill was 0.88 and found 2 of 13 push-offs of another athlete; pulled to 0.6 it found 9."""


def careful_threshold(p: np.ndarray, y: np.ndarray) -> float:
    """The threshold with the best F1, pulled towards 0.5 where few push-offs speak for it.

    `p` (N,) probabilities, `y` (N,) labels, 1 = push_off.
    """
    count = int(np.sum(y))
    best = best_threshold(p, y)
    return (count * best + PRIOR_PUSH_OFFS * NEUTRAL) / (count + PRIOR_PUSH_OFFS)


def learn_temperature(p: np.ndarray, y: np.ndarray) -> float:
    """The temperature, 0.25 to 8, with the least log loss; few frames pull it towards 1."""
    grid = np.exp(np.linspace(np.log(0.25), np.log(8), 141))
    costs = []
    for temperature in grid:
        q = np.clip(at_temperature(p, temperature), 1e-7, 1 - 1e-7)
        loss = -np.sum(np.where(y == 1, np.log(q), np.log(1 - q)))
        costs.append(loss + 2.0 * np.log(temperature) ** 2)
    return float(round(grid[int(np.argmin(costs))], 4))


def at_temperature(p: np.ndarray, temperature: float) -> np.ndarray:
    """(N,) probabilities as they are when the logits are divided by `temperature`."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return 1 / (1 + np.exp(-np.log(p / (1 - p)) / temperature))
