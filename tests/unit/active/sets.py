"""Small labelled sets: two separable classes in videos of several athletes."""

import numpy as np

from pushoff.active.simulation.labelled_set import LabelledSet
from pushoff.events.ground_truth import GroundTruth


def labelled_set(
    athletes: int = 6, frames: int = 40, seed: int = 0, *, videos: bool = False
) -> LabelledSet:
    """One video at 30/s per athlete with a separable push-off every tenth frame."""
    rng = np.random.default_rng(seed)
    number = np.tile(np.arange(frames), athletes)
    labels = (number % 10 == 5).astype(int)
    features = rng.normal(size=(len(labels), 8)).astype(np.float32)
    features[:, 0] += 4 * labels
    athlete = np.repeat([f"athlete{k}" for k in range(athletes)], frames)
    ups = tuple(range(5, frames, 10))
    truth = GroundTruth(
        capture_fps=30.0,
        frames=frames,
        push_off_frames=ups,
        feet=(None,) * len(ups),
        approach=(False,) * len(ups),
        uncertainty_frames=(0,) * len(ups),
        complete_from=0,
        complete_to=frames - 1,
        footage="synthetic",
        slow_motion=False,
    )
    return LabelledSet(
        name="numbers",
        footage="synthetic",
        features=features,
        head_features=features,
        labels=labels,
        video_ids=tuple(athlete.tolist()),
        groups=tuple(athlete.tolist()),
        times_s=number / 30,
        frames=number,
        videos={name: truth for name in sorted(set(athlete.tolist()))} if videos else {},
    )
