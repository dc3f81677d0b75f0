"""Resampled held-out frames: groups with replacement, then push-offs within each. NumPy only.

Two push-offs of one athlete are not independent, and neither are two frames of one push-off, so
both levels are drawn: Davison and Hinkley (1997), "Bootstrap methods and their application",
section 3.8.
"""

import numpy as np

DRAWS = 1000
"""Bootstrap samples: the standard error of a share of them is below 0.016."""
_NUMBERS_AT_ONCE = 2_000_000
"""Of all samples together: some 100 MB of working memory."""


def resample(groups: np.ndarray, seed: int, draws: int = DRAWS) -> np.ndarray:
    """(draws, B) int, how often each of the B blocks is in each sample.

    `groups` (B,) is the number of each block's group. A group is drawn as often as there are
    groups; each time, as many of its blocks are drawn as it has.
    """
    rng = np.random.default_rng(seed)
    names = np.unique(groups)
    times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    weights = np.zeros((draws, len(groups)), int)
    for column, name in enumerate(names):
        own = np.flatnonzero(groups == name)
        weights[:, own] = rng.multinomial(
            times[:, column] * len(own), np.full(len(own), 1 / len(own))
        )
    return weights


def resampled_f1(counts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(D,) F1 of each sample; NaN where it has no push-off.

    `counts` (B, 3): found, wrong and missed push-offs of each block. `weights` (D, B).
    """
    found, wrong, missed = (weights @ counts).T
    with np.errstate(invalid="ignore"):
        return np.where(found + missed > 0, 2 * found / (2 * found + wrong + missed), np.nan)


def resampled_average_precision(
    p: np.ndarray, y: np.ndarray, block_of: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """(D,) average precision of each sample, as scikit-learn defines it; NaN without push_offs.

    `p` (N,) probabilities, `y` (N,) labels, `block_of` (N,) the block of each frame, `weights`
    (D, B) how often each block is in each sample. scikit-learn takes one sample at a time.
    """
    order = np.argsort(-p, kind="stable")
    is_last = np.append(np.diff(p[order]) != 0, True)  # of equal probabilities: one step
    parts = np.array_split(weights, len(weights) * len(p) // _NUMBERS_AT_ONCE + 1)
    return np.concatenate([_steps(y[order], part[:, block_of[order]], is_last) for part in parts])


def _steps(y: np.ndarray, weights: np.ndarray, is_last: np.ndarray) -> np.ndarray:
    """(D,) area under the precision-recall steps of frames in descending order of probability."""
    above = np.cumsum(weights, axis=1)[:, is_last]
    push_offs_above = np.cumsum(weights * y, axis=1)[:, is_last]
    gained = np.diff(push_offs_above, axis=1, prepend=0)
    total = push_offs_above[:, -1]
    area = (gained * push_offs_above / np.maximum(above, 1)).sum(axis=1)
    return np.where(total > 0, area / np.maximum(total, 1), np.nan)
