"""A model's predictions for a video, stored so that each version analyses a video once.

What was found by another frame rate of the camera, which was corrected since, is not used: the
frames are analysed in other steps.
"""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from pushoff.storage.object_store import Storage
from pushoff.storage.records import read_record, write_record
from pushoff.storage.videos import video_folder
from pushoff.values import Label, Suggestion

if TYPE_CHECKING:
    from pushoff.learning.model.sequence_head import VideoPrediction

FORMAT = 3
DECIMALS = 4
"""Of the probabilities of frames."""


@dataclass(frozen=True)
class VideoPredictions:
    """What one model version found in one video of N frames."""

    version: str
    push_offs: tuple[tuple[int, float], ...]
    """(last frame with ground contact, zero-based; probability), in order of frames."""
    probabilities: tuple[float, ...] = ()
    """N. That each frame is labelled push_off."""
    suggested: tuple[int, ...] = ()
    """The frames for which push_off is suggested, ascending."""
    capture_fps: float | None = None
    """The camera's rate by which the video was analysed, frames/s; None: the file's own."""

    def suggestion(self, frame: int) -> Suggestion | None:
        """Of one frame; None for a frame that was not analysed."""
        if not 0 <= frame < len(self.probabilities):
            return None
        label = Label.PUSH_OFF if frame in self.suggested else Label.NOT_PUSH_OFF
        return Suggestion(label, self.probabilities[frame])

    @property
    def score(self) -> float:
        """The video's place in the annotator's queue, 0 to 1, the smallest first: the mean
        probability of its push-offs. A video without any comes first."""
        if not self.push_offs:
            return 0.0
        return sum(probability for _, probability in self.push_offs) / len(self.push_offs)


def predictions_of(
    version: str, found: "VideoPrediction", capture_fps: float | None
) -> VideoPredictions:
    """What a version found in a video, rounded: the same whether it is stored or not.

    `capture_fps` is the camera's rate as the video's details give it.
    """
    return VideoPredictions(
        version=version,
        push_offs=tuple((event.frame, float(event.probability)) for event in found.events),
        probabilities=tuple(round(float(p), DECIMALS) for p in found.probabilities),
        suggested=tuple(int(frame) for frame in found.suggested.nonzero()[0]),
        capture_fps=capture_fps,
    )


_PREDICTIONS = TypeAdapter(VideoPredictions)


def save_video_predictions(storage: Storage, video_id: str, predictions: VideoPredictions) -> None:
    """Replace the video's predictions. Raises Unsafe, StorageFailed."""
    write_record(storage, _key(video_id), FORMAT, asdict(predictions))


def load_video_predictions(storage: Storage, video_id: str) -> VideoPredictions | None:
    """The video's last predictions, None before the first. Raises Unsafe, StorageFailed."""
    key = _key(video_id)
    if not storage.exists(key):
        return None
    return read_record(storage, key, FORMAT, _PREDICTIONS, "Delete it: it is computed again.")


def delete_video_predictions(storage: Storage, video_id: str) -> None:
    """Delete the video's predictions, if any. Raises Unsafe, StorageFailed."""
    storage.delete(_key(video_id))


def _key(video_id: str) -> str:
    return f"{video_folder(video_id)}/predictions.json"
