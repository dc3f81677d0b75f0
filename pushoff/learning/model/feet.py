"""Left or right foot of each push-off: body landmarks first, the temporal heads only beside them.

What the heads learn of near and far leg is the look of one place. Learnt at one of the shared
places they name every foot there, from a single contact alone, and half of them at another
(docs/benchmarks.md, "Feet"). So they decide alone only where no body is found in the whole video.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from pushoff.events.foot_evidence import left_probability, near_log_odds
from pushoff.events.values import PushOffEvent
from pushoff.learning.evaluation.calibration import logit, sigmoid
from pushoff.learning.features.video_features import VideoFeatures

VOTE, LARGEST_VOTE = 0.3, 0.4
"""Weight of the heads' log odds beside the landmarks', and the most that they add: less than
KNOWN_FOOT takes, so that they name no foot where the landmarks say nothing."""


def with_own_feet(
    events: Sequence[PushOffEvent], features: VideoFeatures
) -> tuple[PushOffEvent, ...]:
    """The events with the athlete's own feet; before, `left_probability` is the heads' of the near
    foot. 0.5 without a direction."""
    near = np.array([event.left_probability for event in events], float)
    direction = features.direction
    if direction is not None and len(features.times_s) > 2 and features.has_body:
        frames = np.array([event.frame for event in events], int)
        seen = near_log_odds(features.steady_landmarks, features.times_s, frames, direction)
        vote = np.clip(VOTE * logit(near, 1e-6), -LARGEST_VOTE, LARGEST_VOTE)
        near = sigmoid(seen + vote)
    return tuple(
        replace(event, left_probability=left_probability(float(p), direction))
        for event, p in zip(events, near, strict=True)
    )
