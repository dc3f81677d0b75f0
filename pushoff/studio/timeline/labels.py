"""From spans marked on whole videos to a label for each frame.

A span labels every frame in it. Where somebody ticked that every push-off is marked, the frames
outside the spans are not_push_off, except for those next to a push-off's last contact that nobody
can tell apart (`pushoff.events.ground_truth`): these have no label. Annotators vote frame by frame.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from pushoff.events.ground_truth import frame_label
from pushoff.storage.object_store import Storage
from pushoff.storage.video_index import VideoFrames, video_frames
from pushoff.studio.config.label_names import PLAIN, PushOffKind
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
    """One frame's label."""

    label: Label
    annotation: Mapping[str, Any]
    """The latest annotation that has this label for the frame."""
    suggested: bool
    """It was suggested like this: a span that was not changed, or a frame outside all spans."""
    kind: PushOffKind = PLAIN
    """Foot and running step of a push_off frame, as far as its annotators named them."""


@dataclass(frozen=True)
class VideoLabels:
    """The labels of one video, all annotators together."""

    task_id: int
    task_frame: TaskFrame
    """The task's data."""
    frames: VideoFrames
    labels: Mapping[int, VideoFrameLabel]
    """By frame number, ascending."""
    ties: int
    """Frames on which the annotators' vote is a tie; they are not in `labels`."""
    complete: bool
    """Somebody ticked that every push-off is marked, and there are no ties."""

    @property
    def push_offs(self) -> tuple[int, ...]:
        """The last frame of each run of push_off frames."""
        marked = {frame for frame, label in self.labels.items() if label.label is Label.PUSH_OFF}
        return tuple(sorted(frame for frame in marked if frame + 1 not in marked))


def read_videos(
    path: Path, interface: TimelineInterface, storage: Storage
) -> tuple[list[VideoLabels], Counter[str]]:
    """The labelled videos of a JSON export, and the number of excluded items by reason.

    Push-offs: `two feet` (annotators name different ones; none is taken). Annotations: `skipped`,
    `bulk accepted`, `replaced` (an earlier annotation of the same annotator), `empty` (no span,
    nothing ticked), `unknown` (a span whose label is not in the label config). Spans: `outside the
    video`. Frames: `two labels` (spans of both labels overlap) and `disagreement`. Tasks: `video
    unknown` (not in `storage`). Raises ExportWrong, StorageFailed.
    """
    videos: list[VideoLabels] = []
    excluded: Counter[str] = Counter()
    for task in tasks_in(path):
        annotations = _latest_annotations(task["annotations"], interface, excluded)
        if not annotations:
            continue
        task_frame = read_frame(task["data"], interface.video_key)
        frames = video_frames(storage, task_frame.video_id)
        if frames is None:
            excluded["video unknown"] += 1
            continue
        answers = [
            _labels_of(annotation, interface, frames, excluded) for annotation in annotations
        ]
        labels, ties = _majority(answers)
        excluded["disagreement"] += ties
        ticked = any(is_complete(annotation, interface) for annotation in annotations)
        complete = ticked and not ties
        videos.append(VideoLabels(task["id"], task_frame, frames, labels, ties, complete))
        excluded["two feet"] += _foot_disputes(videos[-1].push_offs, answers)
    return videos, +excluded


def _latest_annotations(
    annotations: Sequence[Mapping[str, Any]], interface: TimelineInterface, excluded: Counter[str]
) -> list[Mapping[str, Any]]:
    """The latest annotation of each annotator that labels something, oldest first.

    Corrections of each coach's session count as an annotator of their own.
    """
    latest: dict[str, Mapping[str, Any]] = {}
    for annotation in sorted(annotations, key=timestamp_of):
        author = coach_session_of(annotation) or str(annotator_of(annotation))
        reason = exclusion_reason(annotation) or _no_label_reason(annotation, interface)
        if reason != "bulk accepted" and author in latest:
            del latest[author]
            excluded["replaced"] += 1
        if reason:
            excluded[reason] += 1
        else:
            latest[author] = annotation
    return sorted(latest.values(), key=timestamp_of)


def _no_label_reason(annotation: Mapping[str, Any], interface: TimelineInterface) -> str | None:
    spans = spans_in(annotation, interface)
    if any(span.label is None for span in spans):
        return "unknown"
    return None if spans or is_complete(annotation, interface) else "empty"


def _labels_of(
    annotation: Mapping[str, Any],
    interface: TimelineInterface,
    frames: VideoFrames,
    excluded: Counter[str],
) -> dict[int, VideoFrameLabel]:
    """The label that one annotation gives to each frame."""
    suggested = _suggested_spans(annotation, interface)
    labels: dict[int, VideoFrameLabel] = {}
    conflicting: set[int] = set()
    spans = []
    for span in spans_in(annotation, interface):
        first, last = max(span.first, 0), min(span.last, len(frames) - 1)
        if first > last or span.label is None:
            excluded["outside the video"] += 1
            continue
        spans.append(Span(first, last, span.label, span.kind))
        accepted = span.label is Label.PUSH_OFF and (span.first, span.last) in suggested
        for frame in range(first, last + 1):
            other = labels.get(frame)
            if other is not None and other.label is not span.label:
                conflicting.add(frame)
            labels[frame] = VideoFrameLabel(span.label, annotation, accepted, span.kind)
    excluded["two labels"] += len(conflicting)
    if is_complete(annotation, interface):
        inside_suggestions = {
            frame
            for first, last in suggested
            for frame in range(max(first, 0), min(last, len(frames) - 1) + 1)
        }
        for frame in _frames_outside(frames, spans):
            accepted = bool(suggested) and frame not in inside_suggestions
            labels.setdefault(frame, VideoFrameLabel(Label.NOT_PUSH_OFF, annotation, accepted))
    return {frame: label for frame, label in labels.items() if frame not in conflicting}


def _suggested_spans(
    annotation: Mapping[str, Any], interface: TimelineInterface
) -> set[tuple[int, int]]:
    """(first, last) frames of the push_off spans that were suggested to the annotator.

    Label Studio keeps the prediction with the annotation, also when it is deleted later. An
    annotation without a lead time was not made in the editor: nobody saw a suggestion.
    """
    prediction = annotation.get("prediction")
    if annotation.get("lead_time") is None or not isinstance(prediction, dict):
        return set()
    spans = spans_in(prediction, interface)
    return {(span.first, span.last) for span in spans if span.label is Label.PUSH_OFF}


def _frames_outside(frames: VideoFrames, spans: Sequence[Span]) -> Iterator[int]:
    """Frames that are certainly not_push_off when `spans` holds every push-off."""
    clock_s = frames.clock_s
    interval_s = median(b - a for a, b in pairwise(clock_s)) if len(clock_s) > 1 else 1.0
    ends_s = [clock_s[span.last] for span in spans if span.label is Label.PUSH_OFF]
    for frame, time_s in enumerate(clock_s):
        if frame_label(time_s, ends_s, interval_s) is Label.NOT_PUSH_OFF:
            yield frame


def _majority(
    annotations: Sequence[Mapping[int, VideoFrameLabel]],
) -> tuple[dict[int, VideoFrameLabel], int]:
    """Each frame's most frequent label, in its latest annotation, and the number of ties.

    `annotations` holds each annotator's labels by frame, oldest first.
    """
    majority: dict[int, VideoFrameLabel] = {}
    ties = 0
    for frame in sorted({frame for labels in annotations for frame in labels}):
        votes = [labels[frame] for labels in annotations if frame in labels]
        ranked = Counter(vote.label for vote in votes).most_common(2)
        if len(ranked) == 2 and ranked[0][1] == ranked[1][1]:
            ties += 1
            continue
        agreeing = [vote for vote in votes if vote.label is ranked[0][0]]
        majority[frame] = replace(agreeing[-1], kind=_kind_of(agreeing))
    return majority, ties


def _kind_of(votes: Sequence[VideoFrameLabel]) -> PushOffKind:
    """The foot that all name who name one, and whether most say that it is a running step."""
    running = sum(vote.kind.approach for vote in votes)
    return PushOffKind(_one_foot(votes), approach=2 * running > len(votes))


def _foot_disputes(
    push_offs: Sequence[int], answers: Sequence[Mapping[int, VideoFrameLabel]]
) -> int:
    """Push-offs whose annotators name different feet."""
    named = [
        {labels[frame].kind.foot for labels in answers if frame in labels} - {None}
        for frame in push_offs
    ]
    return sum(len(feet) > 1 for feet in named)


def _one_foot(votes: Sequence[VideoFrameLabel]) -> str | None:
    feet = {vote.kind.foot for vote in votes if vote.kind.foot}
    return feet.pop() if len(feet) == 1 else None
