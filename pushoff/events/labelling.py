"""From known push-offs to what each frame shows, and how known push-offs are written down."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pushoff.errors import BadInput
from pushoff.values import Label

PUSH_OFF_S = 0.0125
"""The last part of a contact that counts as push-off: three frames at 240/s."""
UNSURE_BEFORE_S = 0.0334
"""Further back than this the foot is plainly still loading: eight frames at 240/s."""
UNSURE_AFTER_S = 0.0084
"""Annotators differ by this much on when the toe left: two frames at 240/s."""
_HAIR_S = 1e-4


@dataclass(frozen=True)
class Truth:
    """The known events of one film."""

    capture_fps: float
    """The camera's rate."""
    frames: int
    push_off_frames: tuple[int, ...]
    """Last frames with ground contact, zero-based in decode order."""
    feet: tuple[str | None, ...]
    """`left` or `right` of each push-off, None where nobody could tell."""
    approach: tuple[bool, ...]
    """Whether each is a running step before the drill."""
    uncertainty_frames: tuple[int, ...]
    complete_from: int
    complete_to: int
    """Between the two, inclusive, every push-off is known."""
    footage: str
    """`real` or `synthetic`."""
    slow_motion: bool
    """The file plays slower than life."""


def frame_label(
    time_s: float, push_off_times_s: Collection[float], frame_interval_s: float
) -> Label | None:
    """What the frame at `time_s` shows; None where a person could not tell either.

    PUSH_OFF in the last 12.5 ms of a contact, and always in its last frame. None up to 33 ms
    before it, if frames are close enough to fall in between, and up to 8.3 ms after it.
    """
    label: Label | None = Label.NOT_PUSH_OFF
    for push_off_s in push_off_times_s:
        after = time_s - push_off_s
        if abs(after) < frame_interval_s / 2 or -PUSH_OFF_S - _HAIR_S <= after <= 0:
            return Label.PUSH_OFF
        resolved = frame_interval_s <= UNSURE_BEFORE_S - PUSH_OFF_S
        if 0 < after <= UNSURE_AFTER_S or (resolved and -UNSURE_BEFORE_S <= after < 0):
            label = None
    return label


def load_truth(path: Path, filename: str | None = None) -> Truth:
    """Read one film's events from an events.json; `filename` may be left out where there is one.

    Raises BadInput when the file or the film is not there or says something else.
    """
    try:
        films = json.loads(path.read_text(encoding="utf-8"))
        name = filename or next(iter(films))
        if len(films) != 1 and filename is None:
            raise BadInput(f"{path.name} describes {len(films)} films: say which")
        film = films[name]
        events = [event for event in film["events"] if event["type"] == "push_off"]
        return Truth(
            capture_fps=float(film.get("capture_fps", film["fps"])),
            frames=int(film["frames"]),
            push_off_frames=tuple(int(event["frame"]) for event in events),
            feet=tuple(event.get("foot") for event in events),
            approach=tuple(bool(event.get("approach")) for event in events),
            uncertainty_frames=tuple(int(event.get("uncertainty_frames", 0)) for event in events),
            complete_from=int(film.get("complete_from", 0)),
            complete_to=int(film.get("complete_to", film["frames"] - 1)),
            footage=str(film.get("footage", "real")),
            slow_motion=bool(film.get("slow_motion")),
        )
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}") from None
    except (KeyError, StopIteration):
        raise BadInput(f"{path.name} does not describe {filename or 'a film'}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise BadInput(f"{path.name} is not a list of events ({error})") from None
