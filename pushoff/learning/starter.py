"""Push-offs before anything was learnt: fixed rules on body landmarks.

They serve until a model is promoted, and are always named as rules. Measured without a label on
the shared real clips (`make bench-suggestions`, 0 answers): F1 within one frame 0.91 on sprint
starts, 0.93 on runners to the left; at the exact frame 0.58 and 0.44.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from pushoff.events.ground_truth import push_off_mask
from pushoff.events.spotting import FrameScores
from pushoff.learning.evaluation.calibration import sigmoid

if TYPE_CHECKING:
    from pushoff.learning.features.video_features import VideoFeatures
    from pushoff.learning.model.sequence_head import VideoPrediction

RULES = "rules-v1"
"""The version name of their suggestions."""
AT_PUSH_OFF, BESIDE, ELSEWHERE = 0.58, 0.19, 0.02
"""Shares of frames that are push_off: where the rules found one, one frame beside it, and anywhere
else. Measured on 107 push-offs that they found in sprint starts of two places."""
WITHIN_ONE_FRAME = 0.96
"""Share of the same push-offs that are right within one frame."""


def predict_with_rules(features: "VideoFeatures") -> "VideoPrediction":
    """What the rules find in a video; no push-off where they know nothing."""
    from pushoff.learning.model.rule_logits import find_contacts, rule_logits
    from pushoff.learning.model.sequence_head import VideoPrediction
    from pushoff.learning.model.temporal_head import OUTPUTS

    count = len(features.times_s)
    events = tuple(
        replace(contact.push_off, probability=WITHIN_ONE_FRAME, toe_px=None)
        for contact in find_contacts(features)
    )
    frames = [event.frame for event in events]
    suggested = push_off_mask(np.asarray(features.times_s), frames)
    probabilities = np.where(suggested, AT_PUSH_OFF, ELSEWHERE)
    for shift in (-features.step, features.step):
        beside = [frame + shift for frame in frames if 0 <= frame + shift < count]
        probabilities[beside] = np.maximum(probabilities[beside], BESIDE)
    logits = rule_logits(features)
    curves = sigmoid(np.zeros((count, len(OUTPUTS))) if logits is None else logits)
    scores = FrameScores(
        times_s=features.times_s,
        athlete=features.athlete,
        step=features.step,
        **{name: curves[:, number] for number, name in enumerate(OUTPUTS)},
    )
    return VideoPrediction(scores, events, suggested, probabilities)
