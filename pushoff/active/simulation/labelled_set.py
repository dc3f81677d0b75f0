"""A fully labelled data set, on which labelling is replayed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from pushoff.active.pool import LabelledPool
from pushoff.events.ground_truth import GroundTruth


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """N frames. Raises ValueError when lengths differ."""

    name: str
    footage: str
    """`real` or `synthetic`; `unknown` when not given."""
    features: np.ndarray
    """(N, D) float, for strategies."""
    head_features: np.ndarray
    """(N, E) float, for the head: with the neighbours in time where these are known."""
    labels: np.ndarray
    """(N,) int, 1 for the positive class."""
    video_ids: tuple[str, ...]
    groups: tuple[str, ...]
    """Athletes: no athlete is in both training and test."""
    times_s: np.ndarray
    """(N,) seconds within the video; NaN where unknown."""
    frames: np.ndarray
    """(N,) int, the frame's index in its video."""
    videos: Mapping[str, GroundTruth] = field(default_factory=dict)
    """Ground truth of the videos whose frames with the athlete are all in the set."""

    def __post_init__(self) -> None:
        given = (
            self.head_features,
            self.labels,
            self.video_ids,
            self.groups,
            self.times_s,
            self.frames,
        )
        if any(len(values) != len(self.features) for values in given):
            raise ValueError(f"{len(self.features)} frames but {[len(values) for values in given]}")

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, rows: np.ndarray) -> LabelledPool:
        """These rows as a labelled pool."""
        return LabelledPool(
            features=self.features[rows],
            labels=self.labels[rows],
            video_ids=tuple(self.video_ids[row] for row in rows),
            groups=tuple(self.groups[row] for row in rows),
            times_s=self.times_s[rows],
        )


def joined(name: str, parts: list[LabelledSet]) -> LabelledSet:
    """Concatenate one or more sets; video names must differ."""
    return LabelledSet(
        name=name,
        footage="/".join(sorted({part.footage for part in parts})),
        features=np.concatenate([part.features for part in parts]),
        head_features=np.concatenate([part.head_features for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        video_ids=tuple(video_id for part in parts for video_id in part.video_ids),
        groups=tuple(group for part in parts for group in part.groups),
        times_s=np.concatenate([part.times_s for part in parts]),
        frames=np.concatenate([part.frames for part in parts]),
        videos={video: truth for part in parts for video, truth in part.videos.items()},
    )
