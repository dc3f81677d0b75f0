"""Labels of frames from the ground truth of their videos."""

from collections.abc import Mapping, Sequence
from typing import Any

from pushoff.events.ground_truth import GroundTruth as VideoTruth
from pushoff.events.ground_truth import frame_label
from pushoff.values import Label


class VideoTruths:
    """The ground truth of several videos, looked up by task data: stands in for an annotator."""

    def __init__(self) -> None:
        self._videos: dict[str, tuple[VideoTruth, Sequence[float]]] = {}

    def add(self, video_id: str, truth: VideoTruth, times_s: Sequence[float]) -> None:
        """Add a video's ground truth and its frames' camera times in seconds."""
        self._videos[video_id] = (truth, times_s)

    def __call__(self, data: Mapping[str, Any]) -> Label | None:
        """The label of a task's frame; None where it is ambiguous or the ground truth is
        unknown."""
        truth, times_s = self._videos[data["video_id"]]
        if not truth.complete_from <= data["frame_index"] <= truth.complete_to:
            return None
        interval_s = (times_s[-1] - times_s[0]) / (len(times_s) - 1)
        push_offs_s = [times_s[index] for index in truth.push_off_frames if index < len(times_s)]
        return frame_label(data["time_s"], push_offs_s, interval_s)
