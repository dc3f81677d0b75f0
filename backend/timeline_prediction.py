"""Predict whole videos: the spans of push-offs that a worker found when it analysed the video.

An analysis takes minutes, so none is done here.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backend.label_studio_protocol import NO_MODEL, without_result
from backend.metrics import Metrics
from pushoff.errors import PushoffError
from pushoff.storage.video_index import video_frames
from pushoff.storage.video_predictions import load_video_predictions
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.task_data import read_frame
from pushoff.studio.timeline.tasks import event_regions

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

log = logging.getLogger(__name__)


def predict_videos(
    storage: "Storage", tasks: Sequence[Any], interface: TimelineInterface, metrics: Metrics
) -> list[dict[str, Any]]:
    """Exactly one item per task, in order.

    An item has no `result` if no model has analysed the video, or only by a frame rate that was
    corrected since, or if no push-off was found; Label Studio then asks again later.
    """
    items = [_item(storage, task, interface) for task in tasks]
    for item in items:
        metrics.predictions.labels("answered" if "result" in item else "no_model").inc()
    return items


def _item(storage: "Storage", task: Any, interface: TimelineInterface) -> dict[str, Any]:
    data = task.get("data") if isinstance(task, Mapping) else None
    if not isinstance(data, Mapping):
        return without_result(NO_MODEL)
    try:
        frames = video_frames(storage, read_frame(data, interface.video_key).video_id)
        if frames is None:
            return without_result(NO_MODEL)
        predictions = load_video_predictions(storage, frames.video.video_id)
    except PushoffError as error:
        log.warning("the predictions of a video cannot be loaded: %s", error)
        return without_result(NO_MODEL)
    if predictions is None or predictions.capture_fps != frames.video.capture_fps:
        return without_result(NO_MODEL)
    regions = event_regions(interface, predictions, frames.clock_s)
    if not regions:
        return without_result(predictions.version)
    return {
        "result": list(regions),
        "score": predictions.score,
        "model_version": predictions.version,
    }
