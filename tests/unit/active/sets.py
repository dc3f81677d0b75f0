"""Labelled sets made of numbers: clumps that a head can tell apart, in videos of several people."""

import numpy as np

from pushoff.active.simulation.labelled_set import LabelledSet
from pushoff.events.ground_truth import GroundTruth


def labelled_set(
    athletes: int = 6, frames: int = 40, seed: int = 0, *, videos: bool = False
) -> LabelledSet:
    """Each athlete one video at 30/s with a push-off every tenth frame, which looks its own way."""
    dice = np.random.default_rng(seed)
    number = np.tile(np.arange(frames), athletes)
    labels = (number % 10 == 5).astype(int)
    features = dice.normal(size=(len(labels), 8)).astype(np.float32)
    features[:, 0] += 4 * labels
    who = np.repeat([f"athlete{k}" for k in range(athletes)], frames)
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
        seen=features,
        labels=labels,
        sessions=tuple(who.tolist()),
        groups=tuple(who.tolist()),
        times_s=number / 30,
        frames=number,
        videos={name: truth for name in sorted(set(who.tolist()))} if videos else {},
    )
