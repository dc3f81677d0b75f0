"""Mixes what the pose rules say of a video with what the temporal heads say. NumPy only.

The rules locate a push-off, the heads choose its frame: rules are within 1/30 s of nine push-offs
in ten and exact in half of them (docs/benchmarks.md, "Suggestions"). Where the two find different
push-offs in a video, the rules count more: they know no place, and the heads may never have seen
one like this.
"""

from collections.abc import Sequence

import numpy as np

from pushoff.events.matching import match
from pushoff.learning.model.rule_logits import CONTACT, PUSH_OFF

RULED = [PUSH_OFF, CONTACT]
"""The outputs of which the pose rules know something."""
BESIDE = 0.5
"""How much less the rules' logit of push-off counts 1/30 s beside a push-off that they found."""
MOST = 0.65
"""The rules' weight in a video where heads and rules have little in common."""
AGREEMENT, DISAGREEMENT = 0.9, 0.5
"""F1 of the heads' push-offs against the rules' from which a video is one the heads know, and up to
which it is not; between them the weight is interpolated. These and BESIDE were chosen on shared
clips, so their figures there are slightly optimistic."""


def mix(heads: np.ndarray, rules: np.ndarray, weight: float, step: int) -> np.ndarray:
    """(N, outputs) logits of which the rules' share is `weight`, 0 to 1.

    `heads` and `rules` (N, outputs) are logits, `step` the frames between the heads' input frames.
    """
    located = rules[:, RULED].copy()  # (N, 2)
    near = rules[:, PUSH_OFF] - BESIDE
    for shift in range(1, min(step, len(near) - 1) + 1):
        located[shift:, 0] = np.maximum(located[shift:, 0], near[:-shift])
        located[:-shift, 0] = np.maximum(located[:-shift, 0], near[shift:])
    mixed = heads.copy()
    mixed[:, RULED] = (1 - weight) * heads[:, RULED] + weight * located
    return mixed


def weight_of_rules(
    least: float, heads: Sequence[int], rules: Sequence[int], tolerance: int
) -> float:
    """The rules' weight in one video: `least` where both find the same push-offs, else up to MOST.

    `heads` and `rules` are the frames of the push-offs that each finds alone, the same within
    `tolerance` frames.
    """
    pairs = match(heads, rules, tolerance).pairs
    f1 = 2 * len(pairs) / max(len(heads) + len(rules), 1)
    apart = min(max((AGREEMENT - f1) / (AGREEMENT - DISAGREEMENT), 0.0), 1.0)
    most = max(MOST, least)
    return min(least + (most - least) * apart, most)  # a sum may be a rounding error too large
