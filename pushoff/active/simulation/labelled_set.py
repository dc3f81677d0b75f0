"""A data set whose every frame has a label: what labelling is replayed on."""

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
    """`real` or `synthetic`; `unknown` where nobody said."""
    features: np.ndarray
    """(N, D) float, as strategies see them."""
    seen: np.ndarray
    """(N, E) float, as the head sees them: with the neighbours in time where these are known."""
    labels: np.ndarray
    """(N,) int, 1 for what is looked for."""
    sessions: tuple[str, ...]
    groups: tuple[str, ...]
    """Athletes: no athlete is both learnt from and tested on."""
    times_s: np.ndarray
    """(N,) seconds within the session; NaN where unknown."""
    frames: np.ndarray
    """(N,) int, each frame's number in its video."""
    videos: Mapping[str, GroundTruth] = field(default_factory=dict)
    """The events of each session of which every frame with the athlete is here; else none."""

    def __post_init__(self) -> None:
        given = (self.seen, self.labels, self.sessions, self.groups, self.times_s, self.frames)
        if any(len(one) != len(self.features) for one in given):
            raise ValueError(f"{len(self.features)} frames but {[len(one) for one in given]}")

    def __len__(self) -> int:
        return len(self.labels)

    def part(self, rows: np.ndarray) -> LabelledPool:
        """The frames of these rows, with their labels."""
        return LabelledPool(
            features=self.features[rows],
            labels=self.labels[rows],
            sessions=tuple(self.sessions[row] for row in rows),
            groups=tuple(self.groups[row] for row in rows),
            times_s=self.times_s[rows],
        )


def joined(name: str, parts: list[LabelledSet]) -> LabelledSet:
    """Several sets as one; at least one, sessions named apart."""
    return LabelledSet(
        name=name,
        footage="/".join(sorted({part.footage for part in parts})),
        features=np.concatenate([part.features for part in parts]),
        seen=np.concatenate([part.seen for part in parts]),
        labels=np.concatenate([part.labels for part in parts]),
        sessions=tuple(one for part in parts for one in part.sessions),
        groups=tuple(one for part in parts for one in part.groups),
        times_s=np.concatenate([part.times_s for part in parts]),
        frames=np.concatenate([part.frames for part in parts]),
        videos={video: truth for part in parts for video, truth in part.videos.items()},
    )
