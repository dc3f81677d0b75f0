"""From spans that people marked on whole videos to what each frame shows.

A span labels every frame in it. Where somebody ticked that every push-off is marked, the frames
outside are not_push_off, but those that nobody could tell apart just before and after a push-off's
last contact (`pushoff.events.ground_truth`) are nothing. Several annotators vote frame by frame.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from pushoff.events.ground_truth import frame_label
from pushoff.storage.object_store import Storage
from pushoff.storage.video_index import VideoFrames, video_frames
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.export.annotations import (
    annotator_of,
    coach_session_of,
    exclusion_reason,
    timestamp_of,
)
from pushoff.studio.export.reader import tasks_in
from pushoff.studio.task_data import TaskFrame, read_frame
from pushoff.studio.timeline.spans import Span, is_complete, spans_in
from pushoff.values import Label


@dataclass(frozen=True)
class VideoFrameLabel:
    """What was said of one frame, and in which annotation last."""

    label: Label
    annotation: Mapping[str, Any]
    suggested: bool
    """Just so it was suggested: a span that was not moved, or a frame that nothing marked."""


@dataclass(frozen=True)
class VideoLabels:
    """What people said of one video, together."""

    task_id: int
    about: TaskFrame
    video: VideoFrames
    frames: Mapping[int, VideoFrameLabel]
    """By frame number, in order."""
    contested: int
    """Frames of which as many said the one as the other; they are not in `frames`."""
    complete: bool
    """Somebody ticked that every push-off is marked, and nobody said anything against it."""

    @property
    def push_offs(self) -> tuple[int, ...]:
        """The last frame of each stretch of push_off."""
        marked = {frame for frame, word in self.frames.items() if word.label is Label.PUSH_OFF}
        return tuple(sorted(frame for frame in marked if frame + 1 not in marked))


def read_videos(
    path: Path, interface: TimelineInterface, storage: Storage | None
) -> tuple[list[VideoLabels], Counter[str]]:
    """The labelled videos of a JSON export, and what was left out, by reason.

    Of annotations: `skipped`, `bulk accepted`, `replaced` (an earlier word of the same annotator),
    `empty` (no span, nothing ticked), `unknown` (a span with a label we do not know). Of spans:
    `outside the video`. Of frames: `two labels` (spans of both labels over one another) and
    `disagreement`. Of tasks: `video unknown` (not ingested here). Raises ExportWrong.
    """
    videos: list[VideoLabels] = []
    excluded: Counter[str] = Counter()
    for task in tasks_in(path):
        words = _last_words(task["annotations"], interface, excluded)
        if not words:
            continue
        about = read_frame(task["data"], interface.video_key)
        video = video_frames(storage, about.session) if storage else None
        if video is None:
            excluded["video unknown"] += 1
            continue
        said = [_said(one, interface, video, excluded) for one in words]
        frames, contested = _voted(said)
        complete = any(is_complete(one, interface) for one in words) and not contested
        excluded["disagreement"] += contested
        videos.append(VideoLabels(task["id"], about, video, frames, contested, complete))
    return videos, +excluded


def _last_words(
    annotations: Sequence[Mapping[str, Any]], interface: TimelineInterface, excluded: Counter[str]
) -> list[Mapping[str, Any]]:
    """The last annotation of each annotator that says something, oldest first.

    A coach speaks through our own account, and is somebody else than whoever that belongs to.
    """
    words: dict[str, Mapping[str, Any]] = {}
    for annotation in sorted(annotations, key=timestamp_of):
        who = coach_session_of(annotation) or str(annotator_of(annotation))
        silent = exclusion_reason(annotation) or _nothing(annotation, interface)
        if silent != "bulk accepted" and words.pop(who, None):
            excluded["replaced"] += 1  # a skip is a last word, too
        if silent:
            excluded[silent] += 1
        else:
            words[who] = annotation
    return sorted(words.values(), key=timestamp_of)


def _nothing(annotation: Mapping[str, Any], interface: TimelineInterface) -> str | None:
    spans = spans_in(annotation, interface)
    if any(span.label is None for span in spans):
        return "unknown"
    return None if spans or is_complete(annotation, interface) else "empty"


def _said(
    annotation: Mapping[str, Any],
    interface: TimelineInterface,
    video: VideoFrames,
    excluded: Counter[str],
) -> dict[int, VideoFrameLabel]:
    """What one annotation says of each frame."""
    offered = _offered(annotation, interface)
    said: dict[int, VideoFrameLabel] = {}
    torn: set[int] = set()
    spans = []
    for span in spans_in(annotation, interface):
        first, last = max(span.first, 0), min(span.last, len(video) - 1)
        if first > last or span.label is None:
            excluded["outside the video"] += 1
            continue
        spans.append(Span(first, last, span.label))
        for frame in range(first, last + 1):
            other = said.get(frame)
            if other is not None and other.label is not span.label:
                torn.add(frame)
            accepted = span.label is Label.PUSH_OFF and (span.first, span.last) in offered
            said[frame] = VideoFrameLabel(span.label, annotation, accepted)
    excluded["two labels"] += len(torn)
    if is_complete(annotation, interface):
        marked = {
            frame
            for first, last in offered
            for frame in range(max(first, 0), min(last, len(video) - 1) + 1)
        }
        for frame in _outside(video, spans):
            accepted = bool(offered) and frame not in marked
            said.setdefault(frame, VideoFrameLabel(Label.NOT_PUSH_OFF, annotation, accepted))
    return {frame: word for frame, word in said.items() if frame not in torn}


def _offered(annotation: Mapping[str, Any], interface: TimelineInterface) -> set[tuple[int, int]]:
    """First and last frames of the push_off spans that the annotator had in sight.

    Label Studio keeps them with the answer, also when the prediction is deleted later. What comes
    without the seconds it took was not made in its editor: nobody saw a suggestion.
    """
    shown = annotation.get("prediction")
    if annotation.get("lead_time") is None or not isinstance(shown, dict):
        return set()
    spans = spans_in(shown, interface)
    return {(one.first, one.last) for one in spans if one.label is Label.PUSH_OFF}


def _outside(video: VideoFrames, spans: Sequence[Span]) -> Iterator[int]:
    """Frames that surely show no push-off when these spans are all there are."""
    clock_s = video.clock_s
    interval_s = median(b - a for a, b in pairwise(clock_s)) if len(clock_s) > 1 else 1.0
    ends_s = [clock_s[span.last] for span in spans if span.label is Label.PUSH_OFF]
    for frame, at_s in enumerate(clock_s):
        if frame_label(at_s, ends_s, interval_s) is Label.NOT_PUSH_OFF:
            yield frame


def _voted(said: Sequence[Mapping[int, VideoFrameLabel]]) -> tuple[dict[int, VideoFrameLabel], int]:
    """The label most said of each frame, with the last annotation that says it; ties counted."""
    frames: dict[int, VideoFrameLabel] = {}
    contested = 0
    for frame in sorted({frame for one in said for frame in one}):
        words = [one[frame] for one in said if frame in one]
        ranked = Counter(word.label for word in words).most_common(2)
        if len(ranked) == 2 and ranked[0][1] == ranked[1][1]:
            contested += 1
            continue
        frames[frame] = [word for word in words if word.label is ranked[0][0]][-1]
    return frames, contested
