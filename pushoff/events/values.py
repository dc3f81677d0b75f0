"""What an analysis of a video is made of: frozen values, with units in their names."""

from dataclasses import dataclass
from enum import Enum

KNOWN_FOOT = 0.6
"""Probability from which a foot is named; below it naming one is little better than a coin."""


class Foot(str, Enum):
    """The athlete's own left or right foot."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Foot":
        """The foot on the other side."""
        return Foot.RIGHT if self is Foot.LEFT else Foot.LEFT

    @property
    def letter(self) -> str:
        """`L` or `R`, as coaches write a sequence."""
        return self.value[0].upper()


class Direction(str, Enum):
    """Where the athlete travels, as the viewer sees it."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def near_foot(self) -> Foot:
        """The foot nearer to the camera: an athlete who travels right shows the right side."""
        return Foot.RIGHT if self is Direction.RIGHT else Foot.LEFT


@dataclass(frozen=True)
class PushOffEvent:
    """The last ground contact before one take-off."""

    frame: int
    """Zero-based, in decode order: the last frame with ground contact."""
    time_s: float
    """Camera seconds of that frame."""
    probability: float
    """That a push-off lies within one frame of the held-out clips it was calibrated on."""
    left_probability: float = 0.5
    """That it was the athlete's left foot; 0.5: nothing is known of it."""
    approach_probability: float = 0.0
    """That it is a running step before the drill, not part of it."""
    toe_px: tuple[float, float] | None = None
    """(x, y) full-size pixels of the toe on the ground, None where it was not located."""
    toe_uncertainty_px: float = 0.0
    """One standard deviation of each coordinate of `toe_px`."""
    uncertainty_frames: float = 1.0
    """One standard deviation of `frame`."""
    approach_by_hand: bool | None = None
    """Whether it is a running step, as a person said; None: nobody did."""
    toe_by_hand: bool = False
    """A person placed `toe_px`."""

    @property
    def foot(self) -> Foot | None:
        """The more likely foot; None, unknown, where it is less likely than KNOWN_FOOT."""
        if self.foot_probability < KNOWN_FOOT:
            return None
        return Foot.LEFT if self.left_probability > 0.5 else Foot.RIGHT

    @property
    def foot_probability(self) -> float:
        """Of the more likely foot, 0.5 to 1."""
        return max(self.left_probability, 1 - self.left_probability)


@dataclass(frozen=True)
class TrackSummary:
    """How the athlete was tracked, as `pushoff.video.tracking.athlete.AthleteTrack` has it."""

    note: str
    """One sentence without a full stop."""
    camera: str
    """`fixed`, `panning` or `unknown`."""
    direction: str | None
    """`left` or `right`, as the viewer sees it."""
    warnings: tuple[str, ...]
    cuts: tuple[int, ...] = ()
    """First frames of new scenes."""
