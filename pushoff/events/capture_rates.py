"""Frame rates of the camera that fit the rhythm of the push-offs in a slow-motion file."""

import statistics
from collections.abc import Sequence
from itertools import pairwise

from pushoff.events.values import PushOffEvent

USUAL_RATES = (60, 100, 120, 150, 200, 240, 300, 480, 600, 960)
"""Frames per second of phones and cameras in slow motion."""
STEP_S = (0.18, 0.8)
"""From the steps of a sprint to the longest phases of a triple jump (docs/domain.md, "Step and
contact times")."""


def likely_rates(events: Sequence[PushOffEvent], file_fps: float) -> tuple[int, ...]:
    """The usual rates by which the median step takes as long as a step does, in order.

    `events`: push-offs in order of time, in seconds of the file. Empty for fewer than two.
    """
    intervals_s = [after.time_s - before.time_s for before, after in pairwise(events)]
    if not intervals_s:
        return ()
    frames = statistics.median(intervals_s) * file_fps
    return tuple(
        rate for rate in USUAL_RATES if rate > file_fps and STEP_S[0] <= frames / rate <= STEP_S[1]
    )
