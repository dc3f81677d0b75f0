"""From known push-offs to what each frame shows, and how known push-offs are written down."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pushoff.errors import BadInput
from pushoff.events.values import Direction
from pushoff.values import Label

PUSH_OFF_S = 0.0125
"""The last part of a contact that counts as push-off: three frames at 240/s."""
UNSURE_BEFORE_S = 0.0334
"""Further back than this the foot is plainly still loading: eight frames at 240/s."""
UNSURE_AFTER_S = 0.0084
"""Annotators differ by this much on when the toe left: two frames at 240/s."""
_HAIR_S = 1e-4
_KINDS = ("push_off", "touch_down")


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
    capture_known: bool = True
    """False: slow motion of a rate nobody wrote down; `capture_fps` is then only the file's."""
    direction: Direction | None = None
    """Where the athlete travels, as the viewer sees it."""
    touch_down_frames: tuple[int, ...] = ()
    """First frames with ground contact, as far as they are known."""
    exercise: str | None = None
    athlete: str | None = None
    """Clips of one athlete are never on both sides of a split; None: each clip on its own."""


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
        of_type = {kind: [e for e in film["events"] if e["type"] == kind] for kind in _KINDS}
        events = sorted(of_type["push_off"], key=lambda event: int(event["frame"]))
        slow = bool(film.get("slow_motion"))
        frames = int(film["frames"])
        complete = int(film.get("complete_from", 0)), int(film.get("complete_to", frames - 1))
        _check(frames, complete, [*events, *of_type["touch_down"]])
        places = [int(event["frame"]) for event in events]
        if twice := {place for place in places if places.count(place) > 1}:
            raise ValueError(f"frame {min(twice)} is a push-off twice")
        return Truth(
            capture_fps=_rate(film.get("capture_fps", film["fps"])),
            frames=frames,
            push_off_frames=tuple(int(event["frame"]) for event in events),
            feet=tuple(event.get("foot") for event in events),
            approach=tuple(bool(event.get("approach")) for event in events),
            uncertainty_frames=tuple(int(event.get("uncertainty_frames", 0)) for event in events),
            complete_from=complete[0],
            complete_to=complete[1],
            footage=str(film.get("footage", "real")),
            slow_motion=slow,
            capture_known=not slow or "capture_fps" in film,
            direction=Direction(film["direction"]) if film.get("direction") else None,
            touch_down_frames=tuple(sorted(int(e["frame"]) for e in of_type["touch_down"])),
            exercise=film.get("exercise"),
            athlete=film.get("athlete"),
        )
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror}") from None
    except (KeyError, StopIteration):
        raise BadInput(f"{path.name} does not describe {filename or 'a film'}") from None
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        where = f"{path}, {filename}" if filename else path.name
        raise BadInput(f"{where} is not a list of events ({error})") from None


def load_truths(folder: Path) -> dict[Path, Truth]:
    """Every film of a folder of clips that its events.json describes, in order of name.

    Raises BadInput when there is no events.json, or a film it describes is not there.
    """
    listing = folder / "events.json"
    try:
        films = json.loads(listing.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"{listing} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{listing} is not a list of films ({error})") from None
    if not isinstance(films, dict):
        raise BadInput(f"{listing} is not a list of films by name")
    names = sorted(films)
    if not names:
        raise BadInput(f"{listing} describes no film")
    for name in names:
        if Path(name).name != name:
            raise BadInput(f"{listing}: {name!r} is not a file name beside it")
        if not (folder / name).is_file():
            raise BadInput(f"{listing} describes {name}, which is not beside it")
    return {folder / name: load_truth(listing, name) for name in names}


def _check(frames: int, complete: tuple[int, int], events: Collection[dict]) -> None:
    """Raises ValueError: what lies outside the film or means nothing would be scored as missed."""
    if complete[0] > complete[1]:
        raise ValueError(f"complete from frame {complete[0]} to {complete[1]}")
    for event in events:
        if int(event["frame"]) != event["frame"]:
            raise ValueError(f"an event in frame {event['frame']}: frames are whole numbers")
        if not 0 <= int(event["frame"]) < frames:
            raise ValueError(f"an event in frame {event['frame']} of {frames}")
        if event.get("foot") not in (None, "left", "right"):
            raise ValueError(f"foot {event['foot']!r}: say left, right or null")
        if int(event.get("uncertainty_frames", 0)) < 0:
            raise ValueError(f"an uncertainty of {event['uncertainty_frames']} frames")


def _rate(value: object) -> float:
    rate = float(value)  # type: ignore[arg-type]
    if not 1 <= rate <= 10_000:
        raise ValueError(f"{rate} frames/s is no camera's rate")
    return rate
