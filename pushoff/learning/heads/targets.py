"""Targets of the temporal heads, from a video's ground truth or labelled frames. NumPy only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pushoff.events.ground_truth import PUSH_OFF_S, GroundTruth
from pushoff.learning.features.video_features import VideoFeatures
from pushoff.values import Label

UNKNOWN = -1.0
"""A target that adds nothing to the loss."""
_FOOT_S = 0.1
"""The foot is a target in the last 100 ms of a contact, when the other leg is clearly in the
air."""


@dataclass(frozen=True, eq=False)
class FrameTargets:
    """(N,) float each: 1, 0 or UNKNOWN. The outputs are those of the temporal head."""

    push_off: np.ndarray
    contact: np.ndarray
    near: np.ndarray
    approach: np.ndarray
    events: tuple[int, ...]
    """Push-off frames, around which training windows are drawn."""
    weight: np.ndarray
    """(N,) how much each frame counts in the loss, relative to 1."""

    def subsample(self, step: int, phase: int) -> "FrameTargets":
        """Those of every `step`-th frame from `phase` on: a push-off becomes the last frame of its
        contact that is left."""
        rows = slice(phase, None, step)
        return FrameTargets(
            self.push_off[rows],
            self.contact[rows],
            self.near[rows],
            self.approach[rows],
            tuple((frame - phase) // step for frame in self.events if frame >= phase),
            self.weight[rows],
        )

    def without(self, hidden: np.ndarray) -> "FrameTargets":
        """The targets with the frames of `hidden`, (N,) bool, unknown."""
        names = ("push_off", "contact", "near", "approach")
        return replace(
            self,
            events=tuple(frame for frame in self.events if not hidden[frame]),
            **{name: np.where(hidden, UNKNOWN, getattr(self, name)) for name in names},
        )

    def filled_with(self, others: "FrameTargets") -> "FrameTargets":
        """These, and where they are unknown the others' of the same frames."""
        joined = {}
        for name in ("push_off", "contact", "near", "approach"):
            own = getattr(self, name)
            joined[name] = np.where(own == UNKNOWN, getattr(others, name), own)
        weight = np.where(self.push_off == UNKNOWN, others.weight, self.weight)
        events = tuple(sorted({*self.events, *others.events}))
        return FrameTargets(**joined, events=events, weight=weight)


@dataclass(frozen=True, eq=False)
class TrainingExample:
    """One video's features and targets."""

    features: VideoFeatures
    targets: FrameTargets
    weight: float = 1.0
    """How often its windows are drawn, relative to other videos of the same length."""


def frame_targets(truth: GroundTruth, frames: int, step: int) -> FrameTargets:
    """Targets of a video with known events; the last `step` frames of a contact are push-off.

    Outside the complete range only what is labelled is known, never that there was nothing; in its
    unknown stretches nothing is.
    Contact is known where touch-downs are; a video that starts on the ground (the crouch of a
    sprint start) is in contact until its first push-off.
    """
    low, high = max(truth.complete_from, 0), min(truth.complete_to, frames - 1)
    events = [frame for frame in truth.push_off_frames if frame < frames]
    touch_downs = [frame for frame in truth.touch_down_frames if frame <= high]
    push_off = np.full(frames, UNKNOWN)
    push_off[low : high + 1] = 0
    for event in events:
        push_off[max(event - step + 1, 0) : event + 1] = 1
    contact = _contact_targets(frames, events, touch_downs, low, high, step)
    near, approach = _foot_targets(truth, frames, events, step)
    targets = FrameTargets(push_off, contact, near, approach, tuple(events), np.ones(frames))
    hidden = np.zeros(frames, bool)
    for first, last in truth.unknown:
        hidden[first : last + 1] = True
    return targets.without(hidden) if hidden.any() else targets


def _contact_targets(
    frames: int, events: Sequence[int], touch_downs: Sequence[int], low: int, high: int, step: int
) -> np.ndarray:
    """(N,) contact targets; `low` to `high` is the complete range."""
    contact = np.full(frames, UNKNOWN)
    if touch_downs:
        contact[low : high + 1] = 0
        contact[max(touch_downs[-1], low) : high + 1] = 1  # a last contact that has not ended yet
    for number, event in enumerate(events):
        earlier = [frame for frame in touch_downs if frame <= event]
        previous = events[number - 1] if number else low - 1
        if earlier and earlier[-1] > previous:
            first = earlier[-1]
        else:  # the touch-down is not labelled: only the contact's last frames are known
            first = low if number == 0 and touch_downs else event
            first = min(first, max(event - step + 1, previous + 1, 0))
        contact[first : event + 1] = 1
        if not touch_downs:
            contact[event + 1 : event + 1 + step] = 0
        elif not any(frame > event for frame in touch_downs):
            contact[event + 1 : high + 1] = 0
    return contact


def _foot_targets(
    truth: GroundTruth, frames: int, events: Sequence[int], step: int
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) targets of the near foot and of approach steps, at the end of each contact."""
    near, approach = np.full(frames, UNKNOWN), np.full(frames, UNKNOWN)
    length = max(round(_FOOT_S * truth.capture_fps), step)
    has_both_kinds = {True, False} <= set(truth.approach)
    for number, event in enumerate(events):
        end = slice(max(event - length + 1, 0), event + 1)
        foot = truth.feet[number]
        if foot is not None and truth.direction is not None:
            near[end] = float(foot == truth.direction.near_foot.value)
        running = truth.approach[number]
        if has_both_kinds and running is not None:
            approach[end] = float(running)
    return near, approach


def targets_from_labels(
    times_s: np.ndarray,
    frames: np.ndarray,
    labels: np.ndarray,
    step: int = 1,
    weights: np.ndarray | None = None,
    assumed_contact: np.ndarray | None = None,
    near_feet: np.ndarray | None = None,
) -> FrameTargets:
    """Targets of a video of N frames at `times_s` of which (K,) `frames` have (K,) `labels`.

    A frame labelled push-off is in the last 12.5 ms of a contact, so the frames before it are among
    the contact's last `step` as well, unless they are labelled otherwise. All of them are in
    contact. Of other labelled frames only the push-off target is known. `weights` (K,) says how
    much each label counts; None: all the same.
    `assumed_contact` (N,) is what the pose rules say: labels of single frames tell nothing of
    flights. `near_feet` (K,) is 1 where the near foot pushes off, 0 where the far one does, UNKNOWN
    where nobody said; it holds for the last 100 ms of the contact, as in `frame_targets`.
    """
    count = len(times_s)
    push_off, contact, near, unknown = (np.full(count, UNKNOWN) for _ in range(4))
    if assumed_contact is not None:
        contact = assumed_contact.copy()
    weight = np.ones(count)
    labelled = np.asarray(frames, int)
    is_push_off = np.asarray(labels) == Label.PUSH_OFF
    events = np.unique(labelled[is_push_off]).tolist()
    interval_s = float(np.median(np.diff(times_s))) if count > 1 else 1.0
    before = max(step - 1 - round(PUSH_OFF_S / interval_s), 0)
    for frame in events:
        push_off[max(frame - before, 0) : frame + 1] = 1
        contact[max(frame - before, 0) : frame + 1] = 1
    if near_feet is not None:
        length = max(round(_FOOT_S / interval_s), step)
        for frame, foot in zip(labelled.tolist(), near_feet.tolist(), strict=True):
            if foot != UNKNOWN:
                near[max(frame - length + 1, 0) : frame + 1] = foot
    for frame in labelled[~is_push_off].tolist():
        push_off[frame] = 0
    if weights is not None:
        weight[labelled] = weights
    return FrameTargets(push_off, contact, near, unknown, tuple(events), weight)
