"""Videos in, one item per task out: the spans that a worker found when it read the video.

Reading a video takes minutes, so nothing is read here.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backend.label_studio_protocol import NO_MODEL, without_result
from backend.metrics import Metrics
from pushoff.errors import PushoffError
from pushoff.storage.event_predictions import load_event_predictions
from pushoff.storage.video_index import video_frames
from pushoff.studio.config.timeline import TimelineInterface
from pushoff.studio.task_data import read_frame
from pushoff.studio.timeline.tasks import event_regions

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

log = logging.getLogger(__name__)


def predict_videos(
    storage: "Storage", tasks: Sequence[Any], interface: TimelineInterface, metrics: Metrics
) -> list[dict[str, Any]]:
    """Exactly one item per task, in order; without `result` where no model has read the video, or
    none of its push-offs was found: then it is asked for again another time."""
    items = [_item(storage, task, interface) for task in tasks]
    for item in items:
        metrics.predictions.labels("answered" if "result" in item else "no_model").inc()
    return items


def _item(storage: "Storage", task: Any, interface: TimelineInterface) -> dict[str, Any]:
    data = task.get("data") if isinstance(task, Mapping) else None
    if not isinstance(data, Mapping):
        return without_result(NO_MODEL)
    try:
        video = video_frames(storage, read_frame(data, interface.video_key).video_id)
        spotted = load_event_predictions(storage, video.video.video_id) if video else None
    except PushoffError as error:
        log.warning("a video's spans cannot be had: %s", error)
        return without_result(NO_MODEL)
    if video is None or spotted is None:
        return without_result(NO_MODEL)
    regions = event_regions(interface, spotted, video.clock_s)
    if not regions:
        return without_result(spotted.version)
    return {"result": list(regions), "score": spotted.score, "model_version": spotted.version}
