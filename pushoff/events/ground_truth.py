"""Known push-offs of videos: the events.json format, and what a known push-off makes of each frame.

An events.json is one object: video file name -> video (docs/file-formats.md).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.values import Direction
from pushoff.util.json_input import Between, Flag, Text, TypeAdapter, preview, read_json, validate
from pushoff.values import Label

PUSH_OFF_S = 0.0125
"""The last part of a contact that counts as push-off: three frames at 240/s."""
AMBIGUOUS_BEFORE_S = 0.0334
"""Earlier than this before a push-off the foot is clearly still loading: eight frames at 240/s."""
AMBIGUOUS_AFTER_S = 0.0084
"""Annotators disagree by this much on when the toe left: two frames at 240/s."""
_ROUNDING_S = 1e-4
_MAX_BYTES = 64 << 20


@dataclass(frozen=True)
class GroundTruth:
    """The known events of one video."""

    capture_fps: float
    """The camera's frame rate."""
    frames: int
    """Number of frames of the video."""
    push_off_frames: tuple[int, ...]
    """Last frames with ground contact, zero-based in decode order."""
    feet: tuple[str | None, ...]
    """`left` or `right` of each push-off, None where it is unknown."""
    approach: tuple[bool | None, ...]
    """Whether each push-off is a running step before the drill; None: nobody said."""
    uncertainty_frames: tuple[int, ...]
    """Frames by which each push-off may be labelled wrong."""
    complete_from: int
    complete_to: int
    """Between the two, inclusive, every push-off is labelled."""
    footage: str
    """`real` or `synthetic`."""
    slow_motion: bool
    """The file plays slower than real time."""
    capture_known: bool = True
    """False: slow motion from an unknown camera rate; `capture_fps` is then the file's rate."""
    direction: Direction | None = None
    """Where the athlete travels, as the viewer sees it."""
    touch_down_frames: tuple[int, ...] = ()
    """First frames with ground contact, as far as they are labelled."""
    exercise: str | None = None
    athlete: str | None = None
    """Clips of one athlete are never on both sides of a split; None: each clip on its own."""
    width_px: int | None = None
    height_px: int | None = None
    """Size of the upright video, None where the file does not give it."""
    toes_px: tuple[tuple[float, float] | None, ...] = ()
    """(x, y) full-size pixels of each push-off's toe on the ground, as a person placed it, None
    where nobody did; empty: nowhere."""
    unknown: tuple[tuple[int, int], ...] = ()
    """(first, last) frames, inclusive, of stretches of the complete range of which nothing is known
    after all: nobody looked there, or people disagree."""

    def knows(self, frame: int) -> bool:
        """Whether it is known if there is a push-off in this frame."""
        return self.complete_from <= frame <= self.complete_to and not any(
            first <= frame <= last for first, last in self.unknown
        )

    def known_frames(self) -> np.ndarray:
        """(frames,) bool, `knows` of every frame."""
        known = np.zeros(self.frames, bool)
        known[self.complete_from : self.complete_to + 1] = True
        for first, last in self.unknown:
            known[first : last + 1] = False
        return known


def frame_label(
    time_s: float, push_off_times_s: Collection[float], frame_interval_s: float
) -> Label | None:
    """The label of the frame at `time_s`; None for an ambiguous frame, which has none.

    PUSH_OFF in the last 12.5 ms of a contact, and always in its last frame. Ambiguous up to 33 ms
    before a push-off, if frames are close enough for one to lie in between, and up to 8.4 ms
    after it.
    """
    label: Label | None = Label.NOT_PUSH_OFF
    for push_off_s in push_off_times_s:
        after_s = time_s - push_off_s
        is_last_frame = abs(after_s) < frame_interval_s / 2
        if is_last_frame or -PUSH_OFF_S - _ROUNDING_S <= after_s <= 0:
            return Label.PUSH_OFF
        resolved = frame_interval_s <= AMBIGUOUS_BEFORE_S - PUSH_OFF_S
        if 0 < after_s <= AMBIGUOUS_AFTER_S or (resolved and -AMBIGUOUS_BEFORE_S <= after_s < 0):
            label = None
    return label


def push_off_mask(times_s: np.ndarray, push_off_frames: Sequence[int]) -> np.ndarray:
    """(N,) bool: the frames of a video that `frame_label` calls push-off.

    `times_s` (N,) camera seconds; `push_off_frames` the last frames with ground contact.
    """
    mask = np.zeros(len(times_s), bool)
    for frame in push_off_frames:
        after_s = times_s - times_s[frame]
        mask |= (after_s <= 0) & (after_s >= -PUSH_OFF_S - _ROUNDING_S)
    return mask


def push_off_reach(times_s: np.ndarray) -> int:
    """How many frames before a contact's last one are push-off as well: 3 at 240/s, 0 at 30/s.

    `times_s` (N,) camera seconds of a video's frames.
    """
    if len(times_s) < 2:
        return 0
    return int((PUSH_OFF_S + _ROUNDING_S) / float(np.median(np.diff(times_s))))


def load_ground_truth(path: Path, filename: str | None = None) -> GroundTruth:
    """One video of an events.json; `filename` may be left out where the file lists only one.

    Raises BadInput, naming file, video and value, when the video is not listed or a value is wrong.
    """
    videos = _load_videos(path)
    if filename is None and len(videos) != 1:
        raise BadInput(f"{path} lists {len(videos)} videos: name one", code="several_videos")
    name = next(iter(videos)) if filename is None else filename
    if name not in videos:
        raise BadInput(f"{path} does not list {name}", code="unknown_video")
    return parse_ground_truth(videos[name], f"{path}, {name}")


def load_ground_truths(folder: Path) -> dict[Path, GroundTruth]:
    """Every video that the events.json of a folder lists, by path, in order of name.

    Raises BadInput when there is no events.json, a video it lists is missing or a value is wrong.
    """
    listing = folder / "events.json"
    videos = _load_videos(listing)
    for name in videos:
        if Path(name).name != name:
            raise BadInput(
                f"{listing}: {preview(name)} is not the name of a file beside it",
                code="invalid_file_name",
            )
        if not (folder / name).is_file():
            raise BadInput(
                f"{listing} lists {name}, which is not in its folder", code="missing_video"
            )
    return {
        folder / name: parse_ground_truth(videos[name], f"{listing}, {name}")
        for name in sorted(videos)
    }


def _load_videos(listing: Path) -> dict[str, Any]:
    videos = validate(_VIDEOS, read_json(listing, _MAX_BYTES), str(listing))
    if not videos:
        raise BadInput(f"{listing} lists no video", code="no_video")
    return videos


_Frame = Annotated[int, Between(0, 10_000_000)]
_Pixel = Annotated[float, Between(0, 100_000)]


@dataclass(frozen=True)
class _Event:
    """An event of an events.json, of a type that is used here."""

    frame: _Frame
    type: Literal["push_off", "touch_down"]
    foot: Literal["left", "right"] | None = None
    approach: Flag | None = None
    uncertainty_frames: Annotated[int, Between(0, 10_000)] | None = None
    toe_px: tuple[_Pixel, _Pixel] | None = None


@dataclass(frozen=True)
class _EventType:
    type: Text


@dataclass(frozen=True)
class _Video:
    """One video of an events.json; null is the same as leaving an optional key out."""

    fps: Annotated[float, Between(1, 10_000)]
    frames: Annotated[int, Between(1, 10_000_000)]
    events: list[Any]
    complete_from: _Frame | None = None
    complete_to: _Frame | None = None
    capture_fps: Annotated[float, Between(1, 10_000)] | None = None
    slow_motion: Flag | None = None
    direction: Direction | None = None
    footage: Text | None = None
    exercise: Text | None = None
    athlete: Text | None = None
    width: Annotated[int, Between(16, 100_000)] | None = None
    height: Annotated[int, Between(16, 100_000)] | None = None
    unknown: list[tuple[_Frame, _Frame]] | None = None


_VIDEOS = TypeAdapter(dict[str, Any])
_VIDEO, _EVENT, _EVENT_TYPE = TypeAdapter(_Video), TypeAdapter(_Event), TypeAdapter(_EventType)


def parse_ground_truth(data: object, what: str = "the video's ground truth") -> GroundTruth:
    """The events of one video from its JSON object; `what` begins the messages.

    Raises BadInput, naming the value. An event outside the video would be scored as missed, so it
    is refused. Types of events and keys that are not known here are ignored.
    """
    video = validate(_VIDEO, data, what)
    last = video.frames - 1
    first = video.complete_from or 0
    complete_to = last if video.complete_to is None else video.complete_to
    _check_frame(first, 0, last, f"{what}: complete_from")
    _check_frame(complete_to, first, last, f"{what}: complete_to")
    for start, end in video.unknown or ():
        _check_frame(start, first, complete_to, f"{what}: unknown")
        _check_frame(end, start, complete_to, f"{what}: unknown")
    events = _parse_events(video, what)
    push_offs = [event for event in events if event.type == "push_off"]
    frames = [event.frame for event in push_offs]
    if duplicates := {frame for frame in frames if frames.count(frame) > 1}:
        raise BadInput(
            f"{what}: two push-offs are in frame {min(duplicates)}", code="duplicate_push_off"
        )
    toes_px = tuple(event.toe_px for event in push_offs)
    return GroundTruth(
        capture_fps=video.fps if video.capture_fps is None else video.capture_fps,
        frames=video.frames,
        push_off_frames=tuple(frames),
        feet=tuple(event.foot for event in push_offs),
        approach=tuple(bool(event.approach) for event in push_offs),
        uncertainty_frames=tuple(event.uncertainty_frames or 0 for event in push_offs),
        complete_from=first,
        complete_to=complete_to,
        footage=video.footage or "real",
        slow_motion=bool(video.slow_motion),
        capture_known=not video.slow_motion or video.capture_fps is not None,
        direction=video.direction,
        touch_down_frames=tuple(event.frame for event in events if event.type == "touch_down"),
        exercise=video.exercise,
        athlete=video.athlete,
        width_px=video.width,
        height_px=video.height,
        toes_px=toes_px if any(toes_px) else (),
        unknown=tuple(video.unknown or ()),
    )


def _parse_events(video: _Video, what: str) -> list[_Event]:
    """The push-offs and touch-downs, in order of frame."""
    events = []
    for number, data in enumerate(video.events, start=1):
        event_what = f"{what}, event {number} of {len(video.events)}"
        if validate(_EVENT_TYPE, data, event_what).type not in ("push_off", "touch_down"):
            continue
        event = validate(_EVENT, data, event_what)
        _check_frame(event.frame, 0, video.frames - 1, f"{event_what}: frame")
        events.append(event)
    return sorted(events, key=lambda event: event.frame)


def _check_frame(frame: int, low: int, high: int, field: str) -> None:
    if not low <= frame <= high:
        raise BadInput(
            f"{field} is {frame}, expected a whole number from {low} to {high}",
            code="invalid_value",
        )
