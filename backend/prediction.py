"""Predict the labels of tasks: one item per task, in order, within the deadline."""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.label_studio_protocol import (
    NO_MODEL,
    TaskImage,
    prediction_item,
    task_image,
    without_result,
)
from backend.metrics import Metrics
from backend.model_cache import ChampionCache, ServedModel
from pushoff.errors import MediaRefused, PushoffError
from pushoff.studio.config.frames import FrameInterface

if TYPE_CHECKING:
    from pushoff.studio.media.fetcher import MediaFetcher

log = logging.getLogger(__name__)

DEADLINE_S = 80.0
"""Label Studio gives up after 100 s and then stores no prediction at all."""
MODEL_TIMEOUT_S = 30.0
"""Longest wait for a model that is being loaded."""
FETCH_THREADS = 8
"""Images fetched at once, for all requests together."""
BATCH_SIZE = 32
MAX_LOGGED_FAILURES = 20
"""Failed tasks of one request that are logged one by one; the metrics count all."""


@dataclass(frozen=True)
class PredictionFailure:
    """Why a task has no result."""

    outcome: str
    """`unreadable`, `unavailable`, `late` or `failed`, as the metrics count it."""
    reason: str


TIMED_OUT = PredictionFailure("timed_out", "its image was not fetched before the deadline")


class Predictor:
    """Predicts with the champion. Thread-safe."""

    def __init__(
        self, champion: ChampionCache, fetcher: Callable[[], "MediaFetcher"], metrics: Metrics
    ) -> None:
        """`fetcher` is opened on first use."""
        self._champion, self._open_fetcher, self._metrics = champion, fetcher, metrics
        self._threads = ThreadPoolExecutor(FETCH_THREADS, "fetch")

    def close(self) -> None:
        """Stop fetching; does not wait for images that are being fetched."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def predict(
        self, tasks: Sequence[Any], interface: FrameInterface, deadline: float
    ) -> list[dict[str, Any]]:
        """Exactly one item per task, in order; without `result` where there is no prediction.

        `deadline` is in monotonic seconds; tasks that take longer have no result.
        """
        if not tasks:
            return []
        wait_s = min(MODEL_TIMEOUT_S, max(0.0, deadline - time.monotonic()))
        served = self._champion.get(wait_s)
        if served is None:
            self._metrics.predictions.labels("no_model").inc(len(tasks))
            return [without_result(NO_MODEL) for _ in tasks]
        items = [without_result(served.version) for _ in tasks]
        outcomes = self._fill(items, served, tasks, interface, deadline)
        self._report(len(tasks), outcomes)
        return items

    def _fill(
        self,
        items: list[dict[str, Any]],
        served: ServedModel,
        tasks: Sequence[Any],
        interface: FrameInterface,
        deadline: float,
    ) -> Counter[str]:
        """Replace the items of tasks that can be predicted; returns the number of each outcome."""
        outcomes: Counter[str] = Counter()
        batch: list[tuple[int, np.ndarray]] = []
        failures = 0
        images = [task_image(task, interface.image_key) for task in tasks]
        for row, crop in self._crops(images, served.classifier.card.size_px, deadline):
            if isinstance(crop, PredictionFailure):
                outcomes[crop.outcome] += 1
                failures += 1
                if failures <= MAX_LOGGED_FAILURES:
                    image = images[row]
                    log.warning("task %s: %s", image.task_id if image else "?", crop.reason)
                continue
            batch.append((row, crop))
            if len(batch) == BATCH_SIZE:
                outcomes[_predict_batch(items, served, batch, interface)] += len(batch)
                batch = []
        if batch:
            outcomes[_predict_batch(items, served, batch, interface)] += len(batch)
        return outcomes

    def _crops(
        self, images: Sequence[TaskImage | None], size_px: int, deadline: float
    ) -> Iterator[tuple[int, "np.ndarray | PredictionFailure"]]:
        """(row, (size, size, 3) uint8 RGB crop or failure), in order.

        At most 2 * FETCH_THREADS crops are in memory, however many tasks there are.
        """
        ahead: deque[Future[np.ndarray | PredictionFailure]] = deque()
        try:
            for row in range(len(images)):
                for image in images[row + len(ahead) : row + 2 * FETCH_THREADS]:
                    ahead.append(self._threads.submit(self._crop, image, size_px, deadline))
                try:
                    yield row, ahead[0].result(max(0.0, deadline - time.monotonic()))
                except TimeoutError:
                    yield row, TIMED_OUT
                ahead.popleft().cancel()
        finally:
            for pending in ahead:
                pending.cancel()

    def _crop(
        self, image: TaskImage | None, size_px: int, deadline: float
    ) -> "np.ndarray | PredictionFailure":
        from pushoff.learning.frame.classifier import crop_and_resize

        if image is None:
            return PredictionFailure("unreadable", "the task has no image")
        if time.monotonic() > deadline:
            return TIMED_OUT
        try:
            pixels = self._open_fetcher().image(image.address, image.task_id)
            return crop_and_resize(pixels, image.box, size_px)
        except MediaRefused as error:
            return PredictionFailure("unreadable", str(error)[:300])
        except PushoffError as error:
            return PredictionFailure("unavailable", str(error)[:300])
        except Exception as error:
            return PredictionFailure(
                "failed", f"reading its image failed with {type(error).__name__}"
            )

    def _report(self, tasks: int, outcomes: Counter[str]) -> None:
        for outcome, count in outcomes.items():
            self._metrics.predictions.labels(outcome).inc(count)
        if outcomes["answered"] < tasks:
            counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
            log.warning("%d tasks: %s", tasks, counts)


def _predict_batch(
    items: list[dict[str, Any]],
    served: ServedModel,
    batch: Sequence[tuple[int, np.ndarray]],
    interface: FrameInterface,
) -> str:
    """Replace the items of a batch of (row, crop); returns the outcome, `answered` or `failed`."""
    from backend.uncertainty import annotation_scores

    crops = np.stack([crop for _, crop in batch])
    try:
        probabilities = served.classifier.predict_crops(crops)
    except Exception:
        log.exception("%s failed on %d images", served.version, len(batch))
        return "failed"
    scores = annotation_scores(probabilities, served.threshold)
    for (row, _), probability, score in zip(batch, probabilities, scores, strict=True):
        items[row] = prediction_item(
            interface, float(probability), served.threshold, float(score), served.version
        )
    return "answered"
