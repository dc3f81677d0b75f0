"""The images of tasks, fetched ahead and cropped to the athlete as in training."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backend.label_studio_protocol import PredictTask
from pushoff.errors import MediaRefused, PushoffError
from pushoff.learning.model.frame_suggestion import NOBODY_FOUND, FrameSuggestion
from pushoff.video.athlete_finder import AthleteFinder

if TYPE_CHECKING:
    from pushoff.studio.media.fetcher import MediaFetcher

FETCH_THREADS = 8
"""Images fetched at once, for all requests together."""


@dataclass(frozen=True)
class PredictionFailure:
    """Why a task has no result."""

    outcome: str
    """`unreadable`, `unavailable`, `timed_out` or `failed`, as the metrics count it."""
    reason: str


TIMED_OUT = PredictionFailure("timed_out", "it was not reached before the deadline")
Cropped = np.ndarray | FrameSuggestion | PredictionFailure
"""(size, size, 3) uint8 RGB of the athlete; or the answer that there is none; or why neither."""


class TaskCrops:
    """Fetches and crops. Thread-safe."""

    def __init__(self, fetcher: Callable[[], "MediaFetcher"]) -> None:
        """`fetcher` is opened on first use."""
        self._open_fetcher = fetcher
        self._athletes = AthleteFinder()
        self._threads = ThreadPoolExecutor(FETCH_THREADS, "fetch")

    def close(self) -> None:
        """Stop fetching; does not wait for images that are being fetched."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._athletes.close()

    def crops(
        self, tasks: Sequence[PredictTask], size_px: int, deadline: float
    ) -> Iterator[Cropped]:
        """One for each task, in order; `deadline` is in monotonic seconds.

        At most 2 * FETCH_THREADS crops are in memory, however many tasks there are.
        """
        ahead: deque[Future[Cropped]] = deque()
        try:
            for row in range(len(tasks)):
                for task in tasks[row + len(ahead) : row + 2 * FETCH_THREADS]:
                    ahead.append(self._threads.submit(self._crop, task, size_px, deadline))
                try:
                    yield ahead[0].result(max(0.0, deadline - time.monotonic()))
                except TimeoutError:
                    yield TIMED_OUT
                ahead.popleft().cancel()
        finally:
            for pending in ahead:
                pending.cancel()

    def _crop(self, task: PredictTask, size_px: int, deadline: float) -> Cropped:
        from pushoff.video.event_inputs import athlete_crop

        if not task.frame.image:
            return PredictionFailure("unreadable", "the task has no image")
        if time.monotonic() > deadline:
            return TIMED_OUT
        try:
            pixels = self._open_fetcher().image(task.frame.image, task.task_id)
            box = task.frame.box or self._athletes.find(pixels)
            if box is None:
                return NOBODY_FOUND
            return athlete_crop(pixels, box, size_px)
        except MediaRefused as error:
            return PredictionFailure("unreadable", str(error)[:300])
        except PushoffError as error:
            return PredictionFailure("unavailable", str(error)[:300])
        except Exception as error:
            return PredictionFailure(
                "failed", f"reading its image failed with {type(error).__name__}"
            )
