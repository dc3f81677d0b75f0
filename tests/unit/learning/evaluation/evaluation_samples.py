"""Small held-out frames and scorecards."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pushoff.learning.evaluation.held_out import NO_VIDEO, HeldOutFrames
from pushoff.values import Interval, Scorecard


def held_out(
    labels: Mapping[str, Mapping[int, int]],
    push_offs: Mapping[str, Sequence[int]] | None = None,
    **changes: Any,
) -> HeldOutFrames:
    """Frames of videos: `labels` by video and frame, `push_offs` that the model found.

    Each video is its own group. push_off is suggested, with probability 0.9, where it was found.
    """
    found = {video_id: tuple((push_offs or {}).get(video_id, ())) for video_id in labels}
    rows = [
        (video_id, index, label)
        for video_id, frames in labels.items()
        for index, label in frames.items()
    ]
    suggested = np.array([index in found[video_id] for video_id, index, _ in rows], bool)
    values: dict[str, Any] = {
        "groups": tuple(video_id for video_id, _, _ in rows),
        "video_ids": tuple(video_id for video_id, _, _ in rows),
        "frame_indices": np.array([index for _, index, _ in rows], int),
        "labels": np.array([label for _, _, label in rows], int),
        "unaided": np.ones(len(rows), bool),
        "probabilities": np.where(suggested, 0.9, 0.1),
        "suggested": suggested,
        "push_offs": found,
        "picture_probabilities": None,
        "footages": ("real",) * len(rows),
        "split_by": "athlete",
    }
    return HeldOutFrames(**{**values, **changes})


def pictures(
    labels: Sequence[int], probabilities: Sequence[float] | np.ndarray, **changes: Any
) -> HeldOutFrames:
    """Pictures that belong to no video, of group `a`; push_off is suggested from 0.5."""
    p = np.asarray(probabilities, float)
    values: dict[str, Any] = {
        "groups": ("a",) * len(labels),
        "video_ids": tuple(f"picture {row}" for row in range(len(labels))),
        "frame_indices": np.full(len(labels), NO_VIDEO),
        "labels": np.asarray(labels, int),
        "unaided": np.ones(len(labels), bool),
        "probabilities": p,
        "suggested": p >= 0.5,
        "push_offs": {},
        "picture_probabilities": p,
        "footages": ("real",) * len(labels),
        "split_by": "session",
    }
    return HeldOutFrames(**{**values, **changes})


def steps(count: int, found: int, video_id: str = "v", **changes: Any) -> HeldOutFrames:
    """A video with `count` push-offs, nine frames answered around each, the first `found` found."""
    labels = {20 * i + j: int(j == 4) for i in range(count) for j in range(9)}
    return held_out({video_id: labels}, {video_id: [20 * i + 4 for i in range(found)]}, **changes)


def scorecard(**changes: Any) -> Scorecard:
    """A proven version's: 30 push-offs of three athletes, far better than guessing."""
    values: dict[str, Any] = {
        "groups": ("ana", "bo", "cy"),
        "split_by": "athlete",
        "footage": "real",
        "frames": 300,
        "push_offs": 30,
        "precision": 0.8,
        "recall": 0.8,
        "f1": 0.8,
        "f1_within_1": 0.9,
        "f1_interval": Interval(0.6, 1.0),
        "average_precision": 0.8,
        "average_precision_interval": Interval(0.5, 1.0),
        "brier": 0.05,
        "calibration_error": 0.04,
        "confusion": (264, 6, 6, 24),
    }
    return Scorecard(**{**values, **changes})
