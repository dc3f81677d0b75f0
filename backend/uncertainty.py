"""Which frames are worth an annotator's minute. Numpy only."""

from collections.abc import Sequence

import numpy as np


def annotation_scores(
    probabilities: np.ndarray,
    threshold: float,
    session_ids: Sequence[str],
    times_s: Sequence[float | None],
    spacing_s: float,
) -> np.ndarray:
    """(N,) scores from 0 to 1; the smallest is annotated first.

    A frame's score is how sure the model is: its distance from `threshold` (0) as a share of what
    is possible on its side (1). A frame less than `spacing_s` camera seconds from a less sure one
    of the same session tells little new and is put behind: 0.5 + half its score. Frames without a
    time (None or NaN) stand for themselves. Raises ValueError for unequal lengths.
    """
    p = np.asarray(probabilities, dtype=float)
    if not len(p) == len(session_ids) == len(times_s):
        raise ValueError(f"{len(p)} probabilities, {len(session_ids)} ids, {len(times_s)} times")
    room = np.where(p >= threshold, 1 - threshold, threshold)
    sureness = np.clip(np.abs(p - threshold) / np.maximum(room, 1e-9), 0, 1)
    scores = sureness.copy()
    shown: dict[str, list[float]] = {}
    for row in np.argsort(sureness, kind="stable"):
        time_s = times_s[row]
        if time_s is None or not np.isfinite(time_s):
            continue
        ahead = shown.setdefault(session_ids[row], [])
        if any(abs(time_s - other) < spacing_s for other in ahead):
            scores[row] = 0.5 + sureness[row] / 2
        else:
            ahead.append(time_s)
    return scores
