"""What every strategy sees: the unlabelled frames of a project and the labelled ones."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np


@dataclass(frozen=True, eq=False)
class LabelledPool:
    """M frames with a human label."""

    features: np.ndarray
    """(M, D) float."""
    labels: np.ndarray
    """(M,) int, the numbers of `Label`."""
    video_ids: tuple[str, ...]
    groups: tuple[str, ...]
    times_s: np.ndarray
    """(M,) camera seconds; NaN where unknown."""

    def __len__(self) -> int:
        return len(self.labels)


def empty_labelled_pool(width: int) -> LabelledPool:
    """A labelled pool of 0 frames with `width` features."""
    return LabelledPool(np.zeros((0, width), np.float32), np.zeros(0, int), (), (), np.zeros(0))


class FeatureRows(Protocol):
    """(N, D) float features, of which rows are loaded by index: an array, or a file on disk."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Pool:
    """N unlabelled frames. Raises ValueError when lengths differ."""

    features: FeatureRows
    """(N, D) float: the champion's backbone on the athlete's crop."""
    probabilities: np.ndarray | None
    """(N,) of push_off, from 0 to 1; None before there is a first model, unless `by_rules`."""
    video_ids: tuple[str, ...]
    """Video ids: frames of one video may be near-duplicates."""
    groups: tuple[str, ...]
    """Athletes."""
    times_s: np.ndarray
    """(N,) camera seconds within the video; NaN where unknown."""
    threshold: float = 0.5
    """Probability from which a frame is suggested as push_off."""
    labelled: LabelledPool = field(default_factory=lambda: empty_labelled_pool(0))
    by_rules: bool = False
    """The probabilities are those of fixed rules: there is no model yet."""

    def __post_init__(self) -> None:
        count = len(self.features)
        given = {"video_ids": self.video_ids, "groups": self.groups, "times_s": self.times_s}
        given |= {} if self.probabilities is None else {"probabilities": self.probabilities}
        for name, values in given.items():
            if len(values) != count:
                raise ValueError(f"{len(values)} {name} for {count} frames")

    def __len__(self) -> int:
        return len(self.features)
