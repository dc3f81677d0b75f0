"""What a coach's answer is made of: frozen values, with units in their names."""

from dataclasses import dataclass
from enum import Enum


class Foot(str, Enum):
    """Which foot was on the ground, the athlete's own."""

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
        """The foot nearer to the camera: going to the viewer's right shows the right side."""
        return Foot.RIGHT if self is Direction.RIGHT else Foot.LEFT


@dataclass(frozen=True)
class PushOffEvent:
    """The last ground contact before one takeoff, as found in a video."""

    frame: int
    """Zero-based, in decode order: the last frame with ground contact."""
    time_s: float
    """Camera seconds of that frame."""
    probability: float
    """That a push-off lies within one frame of the held-out clips it was calibrated on."""
    left_probability: float = 0.5
    """That it was the athlete's left foot; 0.5 means nobody can tell."""
    approach_probability: float = 0.0
    """That it is a running step before the drill, not part of it."""
    toe_px: tuple[float, float] | None = None
    """(x, y) full-size pixels of the toe on the ground, None where it was not found."""
    toe_uncertainty_px: float = 0.0
    """One standard deviation of each coordinate of `toe_px`."""
    uncertainty_frames: float = 1.0
    """One standard deviation of `frame`."""

    @property
    def foot(self) -> Foot | None:
        """The likelier foot, None where both are equally likely."""
        if self.left_probability == 0.5:
            return None
        return Foot.LEFT if self.left_probability > 0.5 else Foot.RIGHT
