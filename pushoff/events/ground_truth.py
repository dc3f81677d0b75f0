"""From known push-offs to what each frame shows, and how known push-offs are written down."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from pushoff.errors import BadInput
from pushoff.events.values import Direction
from pushoff.util.json_input import (
    describe_key,
    preview,
    read_bool,
    read_choice,
    read_float,
    read_int,
    read_json,
)
from pushoff.values import Label

PUSH_OFF_S = 0.0125
"""The last part of a contact that counts as push-off: three frames at 240/s."""
UNSURE_BEFORE_S = 0.0334
"""Further back than this the foot is plainly still loading: eight frames at 240/s."""
UNSURE_AFTER_S = 0.0084
"""Annotators differ by this much on when the toe left: two frames at 240/s."""
_HAIR_S = 1e-4
_LARGEST_BYTES = 64 << 20
_KINDS = ("push_off", "touch_down")


@dataclass(frozen=True)
class GroundTruth:
    """The known events of one video."""

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
    width_px: int | None = None
    height_px: int | None = None
    """Of the video as shown, where somebody wrote it down."""


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


def load_ground_truth(path: Path, filename: str | None = None) -> GroundTruth:
    """Read one video's events from an events.json; `filename` may be left out where there is one.

    Raises BadInput, naming file, video and value, when the video is not there or says something else.
    """
    videos = _videos(path)
    if filename is None and len(videos) != 1:
        raise BadInput(f"{path} describes {len(videos)} videos: say which")
    name = next(iter(videos)) if filename is None else filename
    if name not in videos:
        raise BadInput(f"{path} does not describe {name}")
    return _named(path, name, videos[name])


def load_ground_truths(folder: Path) -> dict[Path, GroundTruth]:
    """Every video of a folder of clips that its events.json describes, in order of name.

    Raises BadInput when there is no events.json, or a video it describes is not there.
    """
    listing = folder / "events.json"
    videos = _videos(listing)
    for name in videos:
        if Path(name).name != name:
            raise BadInput(f"{listing}: {name!r} is not a file name beside it")
        if not (folder / name).is_file():
            raise BadInput(f"{listing} describes {name}, which is not beside it")
    return {folder / name: _named(listing, name, videos[name]) for name in sorted(videos)}


def _videos(listing: Path) -> dict[str, object]:
    videos = read_json(listing, _LARGEST_BYTES)
    if not isinstance(videos, dict):
        raise BadInput(f"{listing} is {preview(videos)}, not a list of videos by name")
    if not videos:
        raise BadInput(f"{listing} describes no video")
    return videos


def _named(listing: Path, name: str, video: object) -> GroundTruth:
    try:
        return parse_ground_truth(video)
    except BadInput as error:
        raise BadInput(f"{listing}, {name}: {error}") from None


def parse_ground_truth(video: object) -> GroundTruth:
    """The events of one video out of what was written of it. Raises BadInput, naming the value.

    What lies outside the video or means nothing would be scored as missed, so it is refused. Kinds
    of events and keys that are not known here are somebody else's, and are left aside.
    """
    if not isinstance(video, dict):
        raise BadInput(f"it is {preview(video)}, not an object with fps, frames and events")
    fps, frames = read_float(video, "fps", 1, 10_000), read_int(video, "frames", 1, 10_000_000)
    first = read_int(video, "complete_from", 0, frames - 1, 0)
    slow, direction = (
        read_bool(video, "slow_motion"),
        read_choice(video, "direction", ("left", "right")),
    )
    of_type = _events(video, frames)
    events = sorted(of_type["push_off"], key=lambda event: event.frame)
    places = [event.frame for event in events]
    if twice := {place for place in places if places.count(place) > 1}:
        raise BadInput(f"frame {min(twice)} is a push-off twice")
    return GroundTruth(
        capture_fps=read_float(video, "capture_fps", 1, 10_000, fps),
        frames=frames,
        push_off_frames=tuple(places),
        feet=tuple(event.foot for event in events),
        approach=tuple(event.approach for event in events),
        uncertainty_frames=tuple(event.uncertainty_frames for event in events),
        complete_from=first,
        complete_to=read_int(video, "complete_to", first, frames - 1, frames - 1),
        footage=read_choice(video, "footage") or "real",
        slow_motion=slow,
        capture_known=not slow or video.get("capture_fps") is not None,
        direction=Direction(direction) if direction else None,
        touch_down_frames=tuple(sorted(event.frame for event in of_type["touch_down"])),
        exercise=read_choice(video, "exercise"),
        athlete=read_choice(video, "athlete"),
        width_px=read_int(video, "width", 16, 100_000, 0) or None,
        height_px=read_int(video, "height", 16, 100_000, 0) or None,
    )


@dataclass(frozen=True)
class _Event:
    frame: int
    foot: str | None
    approach: bool
    uncertainty_frames: int


def _events(video: dict, frames: int) -> dict[str, list[_Event]]:
    """The events of each kind in `_KINDS`, in the order of the file."""
    written = video.get("events")
    if not isinstance(written, list):
        raise BadInput(f"{describe_key(video, 'events')}: say a list of events")
    found: dict[str, list[_Event]] = {kind: [] for kind in _KINDS}
    for place, event in enumerate(written, 1):
        try:
            if not isinstance(event, dict):
                raise BadInput(f"it is {preview(event)}, not an object with frame and type")
            kind = read_choice(event, "type")
            if kind is None:
                raise BadInput(f"it has no type: say {' or '.join(_KINDS)}")
            if kind in found:
                found[kind].append(
                    _Event(
                        frame=read_int(event, "frame", 0, frames - 1),
                        foot=read_choice(event, "foot", ("left", "right")),
                        approach=read_bool(event, "approach"),
                        uncertainty_frames=read_int(event, "uncertainty_frames", 0, 10_000, 0),
                    )
                )
        except BadInput as error:
            raise BadInput(f"event {place} of {len(written)}: {error}") from None
    return found
