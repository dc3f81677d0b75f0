"""Prior-shift adjustment for videos in which the model finds too little contact. NumPy only.

While an athlete runs or bounds, the shares of frames in contact and at the end of a contact hardly
differ between videos. A mean probability far below the training share is thus due to the camera or
the place, not to the athlete. The logits are then shifted by a constant until the mean meets a
least share, up to a limit: Saerens, Latinne and Decaestecker (2002), "Adjusting the outputs of a
classifier to new a priori probabilities", Neural Computation 14. Only the least share is used,
because a crouch before the start, which can be most of a video, raises the mean.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pushoff.learning.evaluation.calibration import sigmoid

if TYPE_CHECKING:
    from pushoff.learning.heads.targets import TrainingExample

ADJUSTED_OUTPUTS = ("push_off", "contact")
"""The outputs that are adjusted, in the order of the priors."""
MIN_KNOWN = 0.5
"""Share of the frames whose target must be known for their share of push-offs to be one of the
video's."""
MAX_SHIFT = 2.0
"""Largest shift of the logits: an almost impossible frame (2 in 100) stays unlikely (1 in 8). With
4 the clips of another camera had more additional false positives than additional push-offs."""


def training_priors(examples: Sequence["TrainingExample"], share: float) -> tuple[float, float]:
    """`share` times the training shares of push-off and of contact; 0 where they are not known.

    They are measured on known frames with an athlete between an example's first and last push-off.
    Over whole sprint clips, crouch included, push-offs are 1 frame in 17 instead of 1 in 7: trained
    on one clip, F1 within 1 frame was then 0.840 instead of 0.885.
    """
    push_off, contact = (share * _training_share(examples, output) for output in ADJUSTED_OUTPUTS)
    return push_off, contact


def _training_share(examples: Sequence["TrainingExample"], output: str) -> float:
    parts, frames = [np.zeros(0)], 0
    for example in examples:
        events = example.targets.events
        # the frames after one push-off up to the next one are whole cycles
        cycles = slice(min(events) + 1, max(events) + 1) if events else slice(0)
        targets = getattr(example.targets, output)[cycles]
        visible = example.features.athlete[cycles]
        frames += int(visible.sum())
        parts.append(targets[visible & (targets >= 0)])
    known = np.concatenate(parts)
    if len(known) < MIN_KNOWN * frames or not len(known):
        return 0.0  # the queue asks for likely push-offs: their share among the answers is no prior
    return float(known.mean())


def adjust_to_prior(logits: np.ndarray, athlete: np.ndarray, prior: float) -> np.ndarray:
    """(N,) probabilities whose mean over the frames with the `athlete` is at least `prior`.

    The mean stays below it where the shift would exceed MAX_SHIFT. Probabilities are never lower
    than those of the logits.
    """
    unadjusted = sigmoid(logits)
    if not athlete.any() or unadjusted[athlete].mean() >= prior:
        return unadjusted
    low, high = 0.0, MAX_SHIFT
    for _ in range(30):
        middle = (low + high) / 2
        if sigmoid(logits[athlete] + middle).mean() < prior:
            low = middle
        else:
            high = middle
    return sigmoid(logits + high)
