"""A model is timid on videos unlike those it learnt from: what it is sure of there is read again.

While an athlete runs or bounds, the share of frames in contact, and of those at a contact's end,
hardly differs between videos, so a curve that stays far below the usual share tells of the camera,
not of the athlete. A crouch before the start, which can be most of a video, says nothing of it.
Its logits are then raised evenly until the least share is met: the adjustment to
another prior of Saerens, Latinne and Decaestecker (2002, Neural Computation 14), with a limit.
NumPy only.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pushoff.learning.event.fit_head import TrainingExample

CURVES = ("push_off", "contact")
"""The curves that are raised, and the order of the shares."""
_LIMIT = 2.0
"""Most that logits are raised: what was held for all but impossible (2 in 100) stays unlikely
(1 in 8). With 4 the clips of another camera had more false alarms than push-offs won."""


def training_priors(lessons: Sequence["TrainingExample"], share: float) -> tuple[float, float]:
    """`share` of the known frames with an athlete that are push-off, and contact, from the first
    push-off of each lesson to its last; zeros where nothing is known.

    Measured over whole sprint clips, crouch and all, push-offs are 1 frame in 17 instead of 1 in
    7: learnt from one clip, F1 at 1 frame was then 0.840 instead of 0.885.
    """
    least = []
    for name in CURVES:
        known = []
        for lesson in lessons:
            events = lesson.targets.events
            # the frames after one push-off up to the next one are whole cycles
            cycles = slice(min(events) + 1, max(events) + 1) if events else slice(0)
            curve = getattr(lesson.targets, name)[cycles]
            known.append(curve[lesson.video.athlete[cycles] & (curve >= 0)])
        frames = np.concatenate(known) if known else np.zeros(0)
        least.append(share * float(frames.mean()) if len(frames) else 0.0)
    return least[0], least[1]


def adjust_to_prior(logits: np.ndarray, athlete: np.ndarray, least: float) -> np.ndarray:
    """(N,) probabilities whose mean over the frames with the `athlete` is at least `least`, or
    as near to it as the limit allows; never lower than the logits say."""
    plain = _probability(logits)
    if not athlete.any() or plain[athlete].mean() >= least:
        return plain
    low, high = 0.0, _LIMIT
    for _ in range(30):
        middle = (low + high) / 2
        if _probability(logits[athlete] + middle).mean() < least:
            low = middle
        else:
            high = middle
    return _probability(logits + high)


def _probability(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
