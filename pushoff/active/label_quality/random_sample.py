"""What a fair sample says: frames the dice chose, whatever any strategy wanted."""

from collections.abc import Sequence

import numpy as np

from pushoff.active.label_quality.bootstrap import Estimate, bootstrap

ENOUGH = 10
"""Labelled random picks below which nothing is said."""


def push_off_rate(push_offs: Sequence[bool], sessions: Sequence[str]) -> Estimate | None:
    """Share of push_off among the open frames the picks were drawn from, with its interval.

    `push_offs` and `sessions` are of labelled random picks; whole sessions are drawn for the
    interval. None below ten. Other labels cannot say it: strategies look for push-offs.
    """
    if len(push_offs) < ENOUGH:
        return None
    return bootstrap(np.array(push_offs, int), 2, _share, sessions)


def _share(counts: np.ndarray) -> float:
    return float(counts[1] / counts.sum()) if counts.sum() else float("nan")
