"""Tasks in, one item per task out: in order, within the deadline, whatever single images do."""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
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
"""Label Studio gives up after 100 s and then stores nothing at all."""
MODEL_TIMEOUT_S = 30.0
"""Longest wait for a model that is still being loaded."""
FETCH_THREADS = 8
"""Images fetched at once, over all requests."""
BATCH_SIZE = 32
MAX_LOGGED_FAILURES = 20
"""Tasks of one request whose trouble is told in the log; all of it is counted."""


@dataclass(frozen=True)
class PredictionFailure:
    """Why a task has no result."""

    outcome: str
    """`unreadable`, `unavailable`, `late` or `failed`, as the metrics count it."""
    why: str


LATE = PredictionFailure("late", "its image was not there before the deadline")


class Predictor:
    """Answers tasks with a project's champion. Thread-safe."""

    def __init__(
        self, cache: ChampionCache, fetcher: Callable[[], "MediaFetcher"], metrics: Metrics
    ) -> None:
        """`fetcher` opens the way to images on first use."""
        self._cache, self._open, self._metrics = cache, fetcher, metrics
        self._threads = ThreadPoolExecutor(FETCH_THREADS, "fetch")

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def predict(
        self,
        project_id: int | None,
        tasks: Sequence[Any],
        interface: FrameInterface,
        deadline: float,
    ) -> list[dict[str, Any]]:
        """Exactly one item per task, in order; without `result` where there is nothing to say.

        `deadline` is in monotonic seconds; tasks not done by then are left without a result.
        """
        if not tasks:
            return []
        wait_s = min(MODEL_TIMEOUT_S, max(0.0, deadline - time.monotonic()))
        served = self._cache.get(project_id, wait_s) if project_id else None
        if served is None:
            self._metrics.predictions.labels("no_model").inc(len(tasks))
            return [without_result(NO_MODEL) for _ in tasks]
        return self._answer(served, tasks, interface, deadline)

    def _answer(
        self, served: ServedModel, tasks: Sequence[Any], interface: FrameInterface, deadline: float
    ) -> list[dict[str, Any]]:
        from backend.uncertainty import annotation_scores

        items = [without_result(served.version) for _ in tasks]
        outcomes: Counter[str] = Counter()
        ready: list[tuple[int, np.ndarray]] = []

        def flush() -> None:
            rows, crops = zip(*ready, strict=True)
            ready.clear()
            try:
                found = served.classifier.predict_crops(np.stack(crops))
            except Exception:
                log.exception("%s failed on %d images", served.version, len(rows))
                outcomes["failed"] += len(rows)
                return
            alone = [""] * len(rows), [None] * len(rows)
            scores = annotation_scores(found, served.threshold, *alone, spacing_s=0.0)
            for row, probability, score in zip(rows, found, scores, strict=True):
                items[row] = prediction_item(
                    interface, float(probability), served.threshold, float(score), served.version
                )
            outcomes["answered"] += len(rows)

        size_px = served.classifier.card.size_px
        pictures = [task_image(task, interface.image_key) for task in tasks]
        for row, crop in self._crops(pictures, size_px, deadline):
            if isinstance(crop, PredictionFailure):
                outcomes[crop.outcome] += 1
                if sum(outcomes.values()) - outcomes["answered"] <= MAX_LOGGED_FAILURES:
                    log.warning("task %s: %s", pictures[row] and pictures[row].task_id, crop.why)
                continue
            ready.append((row, crop))
            if len(ready) == BATCH_SIZE:
                flush()
        if ready:
            flush()
        self._report(tasks, outcomes)
        return items

    def _crops(
        self, pictures: Sequence[TaskImage | None], size_px: int, deadline: float
    ) -> Iterator[tuple[int, "np.ndarray | PredictionFailure"]]:
        """(size, size, 3) uint8 RGB crops in order, or why there is none.

        Only a few more than are being fetched are ever held, so memory does not grow with tasks.
        """
        ahead: deque[Future[np.ndarray | PredictionFailure]] = deque()
        try:
            for row in range(len(pictures)):
                for coming in pictures[row + len(ahead) : row + 2 * FETCH_THREADS]:
                    ahead.append(self._threads.submit(self._crop, coming, size_px, deadline))
                try:
                    yield row, ahead[0].result(max(0.0, deadline - time.monotonic()))
                except Late:
                    yield row, LATE
                ahead.popleft().cancel()
        finally:
            for one in ahead:
                one.cancel()

    def _crop(
        self, one: TaskImage | None, size_px: int, deadline: float
    ) -> "np.ndarray | PredictionFailure":
        from pushoff.learning.frame.classifier import crop_and_resize

        if one is None:
            return PredictionFailure("unreadable", "there is no image in its data")
        if time.monotonic() > deadline:
            return LATE
        try:
            return crop_and_resize(self._open().image(one.address, one.task_id), one.box, size_px)
        except MediaRefused as error:
            return PredictionFailure("unreadable", str(error)[:300])
        except PushoffError as error:
            return PredictionFailure("unavailable", str(error)[:300])
        except Exception as error:
            return PredictionFailure(
                "failed", f"reading its image failed with {type(error).__name__}"
            )

    def _report(self, tasks: Sequence[Any], outcomes: Counter[str]) -> None:
        for outcome, count in outcomes.items():
            self._metrics.predictions.labels(outcome).inc(count)
        if outcomes["answered"] < len(tasks):
            words = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
            log.warning("%d tasks: %s", len(tasks), words)
