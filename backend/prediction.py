"""Predict the labels of tasks: one item per task, in order, within the deadline.

A frame of a stored video gets what was found in the whole video, any other picture what the picture
head says of it: of its kept features, else of the image, computed together with those of other
requests.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.batcher import Batcher, BatcherClosed
from backend.label_studio_protocol import (
    NO_MODEL,
    PredictTask,
    prediction_item,
    read_task,
    without_result,
)
from backend.metrics import Metrics
from backend.model_cache import ChampionCache, ServedModel
from backend.task_crops import TIMED_OUT, PredictionFailure, TaskCrops
from backend.video_suggestions import served_predictions
from pushoff.errors import PushoffError
from pushoff.learning.model.frame_suggestion import (
    NOBODY_FOUND,
    FrameSuggestion,
    suggest_pictures,
)
from pushoff.storage.feature_store import Crop
from pushoff.storage.kept_features import KeptFeatures
from pushoff.studio.config.frames import FrameInterface

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage
    from pushoff.studio.media.fetcher import MediaFetcher

log = logging.getLogger(__name__)

DEADLINE_S = 80.0
"""Label Studio gives up after 100 s and then stores no prediction at all."""
MODEL_TIMEOUT_S = 30.0
"""Longest wait for a model that is being loaded."""
BATCH_SIZE = 8
"""Images of one request whose answers are computed together. Few, so that a request of one task
does not wait long behind one of thousands."""
MAX_BATCH = 16
"""Images of all requests in one pass of the network: more are hardly faster on a CPU."""
BATCH_WAIT_S = 0.003
"""How long an image waits for those of other requests while the network is idle."""
MAX_WAITING_IMAGES = 512
BATCH_TIMEOUT_S = 10.0
"""What was fetched before the deadline is computed, so much later at most: Label Studio waits 20 s
longer."""
MAX_LOGGED_FAILURES = 20
"""Failed tasks of one request that are logged one by one; the metrics count all."""
NO_DATA = PredictionFailure("unreadable", "the task has no data")

Answer = FrameSuggestion | PredictionFailure
Tasks = Mapping[int, PredictTask]
"""By the row of the request."""


class Predictor:
    """Predicts with the champion. Thread-safe."""

    def __init__(
        self,
        champion: ChampionCache,
        storage: Callable[[], "Storage"],
        fetcher: Callable[[], "MediaFetcher"],
        metrics: Metrics,
    ) -> None:
        """`storage` and `fetcher` are opened on first use."""
        self._champion, self._open_storage, self._metrics = champion, storage, metrics
        self._crops = TaskCrops(fetcher)
        self._kept = KeptFeatures(lambda: self._open_storage())
        self._batches = Batcher(
            _suggest,
            max_items=MAX_BATCH,
            max_wait_s=BATCH_WAIT_S,
            max_waiting=MAX_WAITING_IMAGES,
        )

    def close(self) -> None:
        """Stop fetching and computing; does not wait for images that are being fetched."""
        self._crops.close()
        self._batches.close()

    def predict(
        self, tasks: Sequence[Any], interface: FrameInterface, deadline: float
    ) -> list[dict[str, Any]]:
        """Exactly one item per task, in order; without `result` where there is no prediction.

        `deadline` is in monotonic seconds; tasks that take longer have no result. Before there is a
        model there are the pose rules' answers for frames of videos, as far as they are stored.
        """
        if not tasks:
            return []
        wait_s = min(MODEL_TIMEOUT_S, max(0.0, deadline - time.monotonic()))
        served = self._champion.get(wait_s)
        if served is None:
            return self._predict_with_rules(tasks, interface, deadline)
        items = [without_result(served.version) for _ in tasks]
        outcomes: Counter[str] = Counter()
        failures = 0
        asked = [read_task(task, interface.image_key) for task in tasks]
        for row, answer in self._answers(served, asked, deadline):
            if isinstance(answer, FrameSuggestion):
                items[row] = prediction_item(interface, answer, served.version)
                outcomes["answered" if answer.suggestion else "no_suggestion"] += 1
                continue
            outcomes[answer.outcome] += 1
            failures += 1
            if failures <= MAX_LOGGED_FAILURES:
                task = asked[row]
                log.warning("task %s: %s", task.task_id if task else "?", answer.reason)
        self._report(outcomes, failures)
        return items

    def _predict_with_rules(
        self, tasks: Sequence[Any], interface: FrameInterface, deadline: float
    ) -> list[dict[str, Any]]:
        from pushoff.learning.starter import RULES

        items = [without_result(NO_MODEL) for _ in tasks]
        asked = ((row, read_task(task, interface.image_key)) for row, task in enumerate(tasks))
        readable = {row: task for row, task in asked if task is not None}
        answered = 0
        for row, answer in self._from_videos(None, readable, deadline):
            if isinstance(answer, FrameSuggestion):
                items[row] = prediction_item(interface, answer, RULES)
                answered += 1
        self._metrics.predictions.labels("answered").inc(answered)
        self._metrics.predictions.labels("no_model").inc(len(tasks) - answered)
        return items

    def _answers(
        self, served: ServedModel, asked: Sequence[PredictTask | None], deadline: float
    ) -> Iterator[tuple[int, Answer]]:
        """(row, answer) of every task: first those without data, then videos, then pictures."""
        tasks: dict[int, PredictTask] = {}
        for row, task in enumerate(asked):
            if task is None:
                yield row, NO_DATA
            else:
                tasks[row] = task
        for row, answer in self._from_videos(served, tasks, deadline):
            del tasks[row]
            yield row, answer
        yield from self._from_pictures(served, tasks, deadline)

    def _from_videos(
        self, served: ServedModel | None, tasks: Tasks, deadline: float
    ) -> list[tuple[int, Answer]]:
        """Of the frames of stored videos, as far as these were analysed."""
        from pushoff.learning.starter import RULES

        rows_of: dict[str, list[int]] = {}
        for row, task in tasks.items():
            if task.frame.frame_index is not None:
                rows_of.setdefault(task.frame.video_id, []).append(row)
        answers: list[tuple[int, Answer]] = []
        for video_id, rows in rows_of.items():
            if time.monotonic() > deadline:
                answers += [(row, TIMED_OUT) for row in rows]
                continue
            try:
                found = served_predictions(self._open_storage(), served, video_id)
            except PushoffError as error:
                # no other answer instead: Label Studio would keep it
                failure = PredictionFailure("unavailable", str(error)[:300])
                answers += [(row, failure) for row in rows]
                continue
            except Exception:
                version = served.version if served else NO_MODEL
                log.exception("%s failed on video %s", version, video_id)
                failure = PredictionFailure("failed", "predicting its video failed")
                answers += [(row, failure) for row in rows]
                continue
            if found is None:
                continue
            for row in rows:
                suggestion = found.suggestion(tasks[row].frame.frame_index or 0)
                if suggestion is not None:
                    by_rules = found.version == RULES
                    answers.append((row, FrameSuggestion(suggestion, by_rules=by_rules)))
        return answers

    def _from_pictures(
        self, served: ServedModel, tasks: Tasks, deadline: float
    ) -> Iterator[tuple[int, Answer]]:
        """Of kept features, else of the images themselves, BATCH_SIZE crops at a time."""
        unknown = dict(tasks)
        for row, answer in self._from_kept_features(served, tasks):
            del unknown[row]
            yield row, answer
        size_px = served.model.extractor.size_px
        batch: list[tuple[int, np.ndarray]] = []
        crops = self._crops.crops(list(unknown.values()), size_px, deadline)
        for row, crop in zip(unknown, crops, strict=True):
            if not isinstance(crop, np.ndarray):
                yield row, crop
                continue
            batch.append((row, crop))
            if len(batch) == BATCH_SIZE:
                yield from self._suggest_batch(served, batch, deadline)
                batch = []
        if batch:
            yield from self._suggest_batch(served, batch, deadline)

    def _from_kept_features(
        self, served: ServedModel, tasks: Tasks
    ) -> list[tuple[int, FrameSuggestion]]:
        """Of the pictures whose features a worker stored when it published them."""
        rows = list(tasks)
        frames = [tasks[row].frame for row in rows]
        try:
            features, crops = self._kept.of(served.model.extractor.fingerprint, frames)
        except PushoffError as error:
            log.warning("kept features are not used: %s", error)
            return []
        known = [number for number, crop in enumerate(crops) if crop is not None]
        if not known:
            return []
        suggested = suggest_pictures(served.model, features[known])
        return [
            (rows[number], NOBODY_FOUND if crops[number] is Crop.NOBODY else answer)
            for number, answer in zip(known, suggested, strict=True)
        ]

    def _suggest_batch(
        self, served: ServedModel, batch: Sequence[tuple[int, np.ndarray]], deadline: float
    ) -> list[tuple[int, Answer]]:
        """The answers for a batch of (row, crop), computed together with other requests'."""
        until = max(deadline, time.monotonic() + BATCH_TIMEOUT_S)
        results = self._batches.results(served, [crop for _, crop in batch], until)
        errors = [result for result in results if isinstance(result, Exception)]
        bugs = [error for error in errors if not isinstance(error, TimeoutError | BatcherClosed)]
        if bugs:
            log.error("%s failed on %d images", served.version, len(bugs), exc_info=bugs[0])
        return [
            (row, result if isinstance(result, FrameSuggestion) else _failure(result))
            for (row, _), result in zip(batch, results, strict=True)
        ]

    def _report(self, outcomes: Counter[str], failures: int) -> None:
        for outcome, count in outcomes.items():
            self._metrics.predictions.labels(outcome).inc(count)
        if failures:
            counts = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
            log.warning("%d tasks: %s", outcomes.total(), counts)


def _failure(error: Exception) -> PredictionFailure:
    """Why a crop has no answer."""
    if isinstance(error, TimeoutError):
        return TIMED_OUT
    if isinstance(error, BatcherClosed):
        return PredictionFailure("unavailable", "the backend is being stopped")
    return PredictionFailure("failed", "predicting its image failed")


def _suggest(served: ServedModel, crops: Sequence[np.ndarray]) -> list[FrameSuggestion]:
    """What the picture head says of crops, (S, S, 3) uint8 RGB each."""
    features = served.model.extractor.extract(np.stack(crops))
    return suggest_pictures(served.model, features)
