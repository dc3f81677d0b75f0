"""Hyperparameters of a temporal head's training."""

from dataclasses import dataclass

LOSS_WEIGHTS = (1.0, 0.5, 0.3, 0.3)
"""Of each output, in the order of OUTPUTS."""


@dataclass(frozen=True)
class HeadConfig:
    """Hyperparameters of a head's training; the defaults are those of `make results`."""

    steps: int = 250
    batch: int = 16
    window: int = 64
    """Frames per training window, 1/30 s apart: about two seconds."""
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    push_off_weight: float = 4.0
    """Added weight of push-off frames: one in seven in running, one in fifteen in bounding."""
    neighbour_target: float = 0.02
    """Target of the frames next to a push-off, instead of 0: the toe leaves between two frames, and
    no head should be certain enough of a neighbour to veto the others. Trained on one sprint clip,
    F1 within 1 frame rose from 0.927 to 0.946 on average; 0.01 to 0.05 did as well."""
    noise: float = 0.05
    """Standard deviation of random changes of every feature's scale and level, per window."""
    event_window_share: float = 0.7
    """Share of windows around a push-off; the others are anywhere."""
