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
    """(N,) float32 of push_off, by the sequence head; NaN at frames that were never held out."""
    suggested: np.ndarray
    """(N,) bool: push_off was suggested."""
    picture_probabilities: np.ndarray
    """(N,) float32 of push_off, by the picture head."""
    push_offs: tuple[int, ...]
    """Frames of the push-offs that were found."""


@dataclass(frozen=True, eq=False)
class HeldOutPredictions:
    """By video id, and by the name of a lone picture."""

    videos: Mapping[str, HeldOutVideo] = field(default_factory=dict)
    pictures: Mapping[str, float] = field(default_factory=dict)

    def arrays(self) -> dict[str, np.ndarray]:
        """As they are saved, readable by `from_arrays`."""
        arrays: dict[str, np.ndarray] = {}
        for video_id, video in self.videos.items():
            rows = (video.probabilities, video.suggested, video.picture_probabilities)
            arrays[_VIDEO + video_id] = np.stack([np.asarray(row, np.float32) for row in rows])
            arrays[_EVENTS + video_id] = np.array(video.push_offs, np.int32)
        for name, probability in self.pictures.items():
            arrays[_PICTURES + name] = np.array([probability], np.float32)
        return arrays


def from_arrays(arrays: Mapping[str, np.ndarray]) -> HeldOutPredictions:
    """Predictions out of `HeldOutPredictions.arrays`. Raises KeyError, ValueError."""
    videos, pictures = {}, {}
    for name, array in arrays.items():
        if name.startswith(_VIDEO):
            video_id = name.removeprefix(_VIDEO)
            events = arrays[_EVENTS + video_id]
            if array.ndim != 2 or len(array) != 3 or events.ndim != 1:
                raise ValueError(f"held-out predictions of the shape {array.shape}")
            known = np.concatenate([array[0][np.isfinite(array[0])], array[2]])
            if not ((known >= 0) & (known <= 1)).all() or np.isinf(array[0]).any():
                raise ValueError("a held-out prediction is not a probability")
            videos[video_id] = HeldOutVideo(
                array[0], array[1] > 0, array[2], tuple(int(frame) for frame in events)
            )
        elif name.startswith(_PICTURES):
            probability = float(array[0])
            if not 0 <= probability <= 1:
                raise ValueError("a held-out prediction is not a probability")
            pictures[name.removeprefix(_PICTURES)] = probability
    return HeldOutPredictions(videos, pictures)
