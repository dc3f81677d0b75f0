"""What a model predicted for its own training videos and pictures while each was held out.

It travels with the model, so that a later candidate is compared with it on the same frames without
fitting anything again. NumPy only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

_VIDEO, _EVENTS, _PICTURES = "video.", "events.", "pictures."


@dataclass(frozen=True, eq=False)
class HeldOutVideo:
    """The predictions for a video of N frames by heads that were fitted without its labels."""

    probabilities: np.ndarray
    """(N,) float32 of push_off, by the sequence head."""
    suggested: np.ndarray
    """(N,) bool: push_off was suggested."""
    picture_probabilities: np.ndarray
    """(N,) float32 of push_off, by the picture head."""
    push_offs: tuple[int, ...]
    """Frames of the push-offs that were found."""


@dataclass(frozen=True, eq=False)
class HeldOutPredictions:
    """By video id, and by the SHA-256 of a loose picture's file."""

    videos: Mapping[str, HeldOutVideo] = field(default_factory=dict)
    pictures: Mapping[str, float] = field(default_factory=dict)
    picture_threshold: float = 0.5
    """Probability from which push_off is suggested for a lone picture."""

    def arrays(self) -> dict[str, np.ndarray]:
        """As they are saved, readable by `from_arrays`."""
        arrays: dict[str, np.ndarray] = {}
        for video_id, video in self.videos.items():
            rows = (video.probabilities, video.suggested, video.picture_probabilities)
            arrays[_VIDEO + video_id] = np.stack([np.asarray(row, np.float32) for row in rows])
            arrays[_EVENTS + video_id] = np.array(video.push_offs, np.int32)
        for sha256, probability in self.pictures.items():
            arrays[_PICTURES + sha256] = np.array([probability], np.float32)
        return arrays


def from_arrays(arrays: Mapping[str, np.ndarray], picture_threshold: float) -> HeldOutPredictions:
    """Predictions out of `HeldOutPredictions.arrays`. Raises KeyError, ValueError."""
    videos, pictures = {}, {}
    for name, array in arrays.items():
        if name.startswith(_VIDEO):
            video_id = name.removeprefix(_VIDEO)
            events = arrays[_EVENTS + video_id]
            if array.ndim != 2 or len(array) != 3 or events.ndim != 1:
                raise ValueError(f"held-out predictions of the shape {array.shape}")
            if not np.isfinite(array).all():
                raise ValueError("held-out predictions that are not finite")
            videos[video_id] = HeldOutVideo(
                array[0], array[1] > 0, array[2], tuple(int(frame) for frame in events)
            )
        elif name.startswith(_PICTURES):
            pictures[name.removeprefix(_PICTURES)] = float(array[0])
    return HeldOutPredictions(videos, pictures, picture_threshold)
