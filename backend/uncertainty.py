"""Uncertainty sampling for the score column of Label Studio. Numpy only."""

import numpy as np


def annotation_scores(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """(N,) scores from 0 to 1; the frame with the smallest score is annotated first.

    The score is the distance of the probability from `threshold`, as a share of the largest
    possible distance on its side: 0 at the threshold, 1 for a certain prediction.
    """
    p = np.asarray(probabilities, dtype=float)
    largest = np.where(p >= threshold, 1 - threshold, threshold)
    return np.clip(np.abs(p - threshold) / np.maximum(largest, 1e-9), 0, 1)
