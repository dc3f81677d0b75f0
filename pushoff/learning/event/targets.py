"""What a temporal head should say of each frame, from what is known of a video. Numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.events.ground_truth import PUSH_OFF_S, GroundTruth
from pushoff.values import Label

UNKNOWN = -1.0
"""A target that costs nothing, whatever the head says."""
_FOOT_S = 0.1
"""The foot is asked for in the last 100 ms of a contact, when the other leg is clearly free."""


@dataclass(frozen=True, eq=False)
class FrameTargets:
    """(N,) float each: 1, 0 or UNKNOWN."""

    push_off: np.ndarray
    contact: np.ndarray
    near: np.ndarray
    approach: np.ndarray
    events: tuple[int, ...]
    """Frames about which training windows are laid."""

    def every(self, step: int, phase: int) -> "FrameTargets":
        """The video seen every `step` frames from `phase` on: a push-off is then the last frame
        seen of a contact."""
        seen = slice(phase, None, step)
        return FrameTargets(
            self.push_off[seen],
            self.contact[seen],
            self.near[seen],
            self.approach[seen],
            tuple((frame - phase) // step for frame in self.events if frame >= phase),
        )


def frame_targets(truth: GroundTruth, frames: int, step: int) -> FrameTargets:
    """Targets of a video with known events; `step` frames at a contact's end are push-off.

    Outside the complete range only what was written down is known, never that there was nothing.
    Contact is known where touch-downs are; a video that starts on the ground (the crouch of a
    sprint start) is in contact until its first push-off.
    """
    push_off, contact, near, approach = (np.full(frames, UNKNOWN) for _ in range(4))
    low, high = max(truth.complete_from, 0), min(truth.complete_to, frames - 1)
    push_off[low : high + 1] = 0
    downs = [frame for frame in truth.touch_down_frames if frame <= high]
    if downs:
        contact[low : high + 1] = 0
        contact[max(downs[-1], low) : high + 1] = 1  # a last contact that has not ended yet
    interval_s = 1 / truth.capture_fps
    back = max(round(_FOOT_S / interval_s), step)
    mixed = len(set(truth.approach)) > 1
    events = [frame for frame in truth.push_off_frames if frame < frames]
    for number, frame in enumerate(events):
        earlier = [down for down in downs if down <= frame]
        previous = events[number - 1] if number else low - 1
        began = earlier[-1] if earlier and earlier[-1] > previous else None
        first = began if began is not None else (low if number == 0 and downs else frame)
        if began is None:  # nobody wrote down when it began: its last frames were on the ground
            first = min(first, max(frame - step + 1, previous + 1, 0))
        contact[first : frame + 1] = 1
        if downs and not any(down > frame for down in downs):
            contact[frame + 1 : high + 1] = 0
        elif not downs:
            contact[frame + 1 : frame + 1 + step] = 0
        push_off[max(frame - step + 1, 0) : frame + 1] = 1
        end = slice(max(frame - back + 1, 0), frame + 1)
        foot = truth.feet[number]
        if foot is not None and truth.direction is not None:
            near[end] = float(foot == truth.direction.near_foot.value)
        if mixed:
            approach[end] = float(truth.approach[number])
    return FrameTargets(push_off, contact, near, approach, tuple(events))


def frame_targets_from_labels(
    times_s: np.ndarray, labelled: Sequence[tuple[float, Label]], step: int = 1
) -> FrameTargets:
    """Targets of a video of which only single frames are labelled, by their time in camera seconds.

    A frame called push-off lies in the last 12.5 ms of a contact, so frames before it are in the
    last `step` as well, unless somebody said otherwise; both are on the ground. Of every other
    frame only the push-off is known.
    """
    push_off, contact = (np.full(len(times_s), UNKNOWN) for _ in range(2))
    rest = np.full(len(times_s), UNKNOWN)
    said = {int(np.abs(times_s - time_s).argmin()): label for time_s, label in labelled}
    events = sorted(frame for frame, label in said.items() if label is Label.PUSH_OFF)
    interval_s = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 1.0
    back = max(step - 1 - round(PUSH_OFF_S / interval_s), 0)
    for frame in events:
        push_off[max(frame - back, 0) : frame + 1] = 1
        contact[max(frame - back, 0) : frame + 1] = 1
    for frame, label in said.items():
        if label is not Label.PUSH_OFF:
            push_off[frame], contact[frame] = 0, UNKNOWN
    return FrameTargets(push_off, contact, rest, rest.copy(), tuple(events))
