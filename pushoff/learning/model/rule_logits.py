"""What the pose rules say of every frame, in the form of a temporal head's output. NumPy only.

Rules know nothing of a place, its light or an athlete's clothes. Averaged with the temporal heads
they carry a model that has seen few labels, and one that meets another place: fitted on 120
labelled frames, F1 within one frame on runners to the left rose from 0.53 to 0.80, and on the same
place from 0.95 to 1.00 (docs/benchmarks.md, "Suggestions").
"""

from collections.abc import Sequence

import numpy as np

from pushoff.events.pose_rules import PoseContact, contacts_with_pose_rules
from pushoff.learning.features.video_features import VideoFeatures

PUSH_OFF, CONTACT = 0, 1
"""Columns, as in `temporal_head.OUTPUTS`."""
OUTPUTS = 4
CERTAIN, BESIDE, ELSEWHERE, OUTSIDE = 2.0, -0.5, -3.5, -2.5
"""Logits of push-off: at a push-off that the rules found (88 in 100: they are right within a frame
in 9 of 10), 1/30 s beside it, between their first and last contact, and outside of these."""
IN_CONTACT = 2.5
"""Logit of contact inside a contact that the rules found, and minus that of flight: 92 in 100."""


def find_contacts(features: VideoFeatures) -> list[PoseContact]:
    """The contacts by the pose rules, the camera's motion removed; none without a body."""
    count = len(features.times_s)
    if features.direction is None or count < 3:
        return []
    landmarks = features.landmarks.astype(float)
    if features.track.drift_px is not None:
        landmarks[..., :2] += features.track.drift_px[:, None, :]
    return contacts_with_pose_rules(landmarks, features.times_s, features.direction)


def rule_logits(
    features: VideoFeatures, contacts: Sequence[PoseContact] | None = None
) -> np.ndarray | None:
    """(N, OUTPUTS) logits; 0 where the rules say nothing. None where they found no two contacts.

    `contacts` are those of `find_contacts` where they are known already.
    """
    contacts = find_contacts(features) if contacts is None else contacts
    if len(contacts) < 2:
        return None
    count, step = len(features.times_s), features.step
    logits = np.zeros((count, OUTPUTS))
    first, last = contacts[0].first_frame, contacts[-1].push_off.frame
    logits[:, PUSH_OFF] = OUTSIDE
    logits[first : last + 1, PUSH_OFF] = ELSEWHERE
    logits[first : last + 1, CONTACT] = -IN_CONTACT
    for contact in contacts:
        end = contact.push_off.frame
        logits[contact.first_frame : end + 1, CONTACT] = IN_CONTACT
        for shift, value in ((-step, BESIDE), (step, BESIDE), (0, CERTAIN)):
            rows = slice(max(end + shift - step + 1, 0), max(end + shift + 1, 0))
            logits[rows, PUSH_OFF] = np.maximum(logits[rows, PUSH_OFF], value)
    return logits


def rule_contact(features: VideoFeatures) -> np.ndarray:
    """(N,) float: 1 in contact, 0 in flight, -1 where the rules say nothing."""
    logits = rule_logits(features)
    if logits is None:
        return np.full(len(features.times_s), -1.0)
    sign = np.sign(logits[:, CONTACT])
    return np.where(sign == 0, -1.0, (sign + 1) / 2)
