"""Sentences on single frames for the annotator. Each is true of the frame that it stands below."""

from collections.abc import Sequence

import numpy as np

from pushoff.active.pool import Pool
from pushoff.active.strategies.smoothed_scores import rescale_to_threshold, smoothed

UNSURE = 0.5
"""Doubt from which the model is called unsure: a probability in the middle half of its scale, on
which the threshold is 0.5."""
NOVEL = 0.5
"""Distance (1 - cosine of centred features) from the nearest labelled frame from which a frame
counts as unlike all labelled ones."""
UNSURE_HERE = "The model is unsure here."
UNSURE_AROUND = "The model is unsure of the frames around this one."
SURE = "The model is sure here."
NO_MODEL = "There is no model yet."
UNFAMILIAR = "It looks like no labelled frame."


def doubt(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """(N,) from 0 for a certain probability to 1 at the threshold."""
    return 1 - np.abs(2 * rescale_to_threshold(probabilities, threshold) - 1)


def certainty_reasons(pool: Pool) -> list[str]:
    """How sure the model is of each of the N frames, or that there is none.

    The pool must have probabilities.
    """
    if pool.by_rules:
        return [NO_MODEL] * len(pool)
    here = doubt(np.asarray(pool.probabilities, float), pool.threshold) >= UNSURE
    around = doubt(smoothed(pool), pool.threshold) >= UNSURE
    return np.where(here, UNSURE_HERE, np.where(around, UNSURE_AROUND, SURE)).tolist()


def with_novelty(
    reasons: Sequence[str], rows: np.ndarray, distance_to_labelled: np.ndarray
) -> list[str]:
    """`reasons`, which a second sentence follows for frames that look like no labelled one.

    `rows` (K,) are the compared frames, `distance_to_labelled` (K,) as in `NOVEL`.
    """
    result = list(reasons)
    for row in rows[distance_to_labelled >= NOVEL].tolist():
        result[row] = f"{result[row]} {UNFAMILIAR}"
    return result


def offset_text(offset_s: float) -> str:
    """`8 ms before`, `1.2 s after`: a frame's place, `offset_s` seconds after something."""
    size_s = abs(offset_s)
    length = f"{1000 * size_s:.0f} ms" if size_s < 1 else f"{size_s:.1f} s"
    return f"{length} {'before' if offset_s < 0 else 'after'}"
