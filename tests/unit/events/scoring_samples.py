"""Predicted and true push-offs of small synthetic videos."""

from hypothesis import settings
from hypothesis import strategies as st

from pushoff.events.ground_truth import GroundTruth
from pushoff.events.values import PushOffEvent

quick = settings(max_examples=60, deadline=None)
few = st.lists(st.integers(0, 25), max_size=5).map(sorted)
FEET = {"left": 0.9, "right": 0.1, None: 0.5}


def truth(frames, feet=None, **more):
    """The known push-offs of a video of 300 frames at 100/s."""
    count = len(frames)
    return GroundTruth(
        **{
            "capture_fps": 100.0,
            "frames": 300,
            "push_off_frames": tuple(frames),
            "feet": tuple(feet or ["left"] * count),
            "approach": (False,) * count,
            "uncertainty_frames": (0,) * count,
            "complete_from": 0,
            "complete_to": 299,
            "footage": "synthetic",
            "slow_motion": False,
            **more,
        }
    )


def events(frames, feet=None, sure=None):
    """Predicted push-offs, left unless given."""
    feet, sure = feet or ["left"] * len(frames), sure or [0.9] * len(frames)
    return [
        PushOffEvent(frame=at, time_s=at / 100, probability=p, left_probability=FEET[foot])
        for at, foot, p in zip(frames, feet, sure, strict=True)
    ]
