"""What is labelled of each video, by position, from single frames and from whole videos."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.learning.data.manifest import DatasetFrame, VideoTruth
from pushoff.values import Label

SAME_PUSH_OFF_S = 0.1
"""Consecutive push_off frames of a video nearer than this are one push-off."""
_ROUNDING_S = 1e-6


@dataclass(frozen=True)
class VideoLabels:
    """The labels of one video. Positions are as in `Block`, in ascending order."""

    video_id: str
    split_group: str
    push_offs: tuple[float, ...]
    """One for each push-off: its last labelled frame."""
    others: tuple[float, ...]
    """Frames without a push-off."""
    timed: bool
    """Positions are camera seconds; else numbers of tasks."""

    @property
    def span(self) -> float:
        """From the first to the last position."""
        positions = (*self.push_offs, *self.others)
        return max(positions) - min(positions)


def labels_by_video(
    frames: Sequence[DatasetFrame], truths: Mapping[str, VideoTruth]
) -> list[VideoLabels]:
    """The labels of every video, in order of video id.

    Where all push-offs of a video are marked, its labelled frames count only outside of what is
    known. A marked frame's time is its number over the capture rate, which is exact enough to
    divide a video.
    """
    by_video: dict[str, list[DatasetFrame]] = {video_id: [] for video_id in truths}
    for frame in frames:
        by_video.setdefault(frame.video_id, []).append(frame)
    return [_labels(name, by_video[name], truths.get(name)) for name in sorted(by_video)]


def push_off_runs(positions: Iterable[float]) -> list[float]:
    """The last of each run of push_off frames, from their camera seconds in any order."""
    runs: list[float] = []
    for position in sorted(positions):
        if runs and position - runs[-1] < SAME_PUSH_OFF_S - _ROUNDING_S:
            runs[-1] = position
        else:
            runs.append(position)
    return runs


def _labels(video_id: str, frames: Sequence[DatasetFrame], known: VideoTruth | None) -> VideoLabels:
    timed = all(frame.time_s is not None for frame in frames)
    push_offs: list[float] = []
    others: list[float] = []
    if known:
        truth = known.truth
        numbers = np.flatnonzero(truth.known_frames()).tolist()
        frames = [
            frame for frame in frames if not truth.knows(round(frame.position * truth.capture_fps))
        ]
        push_offs = [frame / truth.capture_fps for frame in truth.push_off_frames]
        marked = set(truth.push_off_frames)
        others = [frame / truth.capture_fps for frame in numbers if frame not in marked]
    labelled = [frame.position for frame in frames if frame.label is Label.PUSH_OFF]
    push_offs += push_off_runs(labelled) if timed else labelled
    others += [frame.position for frame in frames if frame.label is not Label.PUSH_OFF]
    split_group = known.split_group if known else frames[0].split_group
    return VideoLabels(
        video_id, split_group, tuple(sorted(push_offs)), tuple(sorted(others)), timed
    )
