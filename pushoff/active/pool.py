"""What every strategy sees: the frames nobody has labelled yet, and those somebody has."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class LabelledPool:
    """M frames with a person's label."""

    features: np.ndarray
    """(M, D) float32."""
    labels: np.ndarray
    """(M,) int, the numbers of `Label`."""
    sessions: tuple[str, ...]
    groups: tuple[str, ...]
    times_s: np.ndarray
    """(M,) camera seconds; NaN where unknown."""

    def __len__(self) -> int:
        return len(self.labels)


def empty_labelled_pool(width: int) -> LabelledPool:
    """No frame, of `width` features."""
    return LabelledPool(np.zeros((0, width), np.float32), np.zeros(0, int), (), (), np.zeros(0))


@dataclass(frozen=True, eq=False)
class Pool:
    """N frames without a label. Raises ValueError when lengths differ."""

    features: np.ndarray
    """(N, D) float, as the champion's backbone describes the athlete."""
    probabilities: np.ndarray | None
    """(N,) of push_off, from 0 to 1; None before there is a first model."""
    sessions: tuple[str, ...]
    """Videos: frames of one may be near copies."""
    groups: tuple[str, ...]
    """Athletes."""
    times_s: np.ndarray
    """(N,) camera seconds within the session; NaN where unknown."""
    threshold: float = 0.5
    """Probability from which a frame is suggested as push_off."""
    labelled: LabelledPool = field(default_factory=lambda: empty_labelled_pool(0))

    def __post_init__(self) -> None:
        count = len(self.features)
        given = {"sessions": self.sessions, "groups": self.groups, "times_s": self.times_s}
        given |= {} if self.probabilities is None else {"probabilities": self.probabilities}
        for name, one in given.items():
            if len(one) != count:
                raise ValueError(f"{len(one)} {name} for {count} frames")

    def __len__(self) -> int:
        return len(self.features)
