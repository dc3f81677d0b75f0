"""Several threads' items in one call: what arrives within milliseconds is computed together.

One thread calls the function, so its callers do not compete for the cores. While it computes, the
next batch gathers by itself.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Result = TypeVar("Result")

STOP_TIMEOUT_S = 5.0


class BatcherClosed(Exception):
    """The process is being stopped."""


@dataclass(frozen=True, eq=False)
class _Entry(Generic[Key, Item, Result]):
    """One item that waits."""

    key: Key
    item: Item
    future: Future[Result]
    arrived_s: float
    """Monotonic."""


class Batcher(Generic[Key, Item, Result]):
    """Gathers items for calls of one function. Thread-safe."""

    def __init__(
        self,
        compute: Callable[[Key, Sequence[Item]], Sequence[Result]],
        *,
        max_items: int,
        max_wait_s: float,
        max_waiting: int,
    ) -> None:
        """`compute` gets at most `max_items` items of one key and returns as many results.

        An item waits `max_wait_s` for others, longer only while `compute` is busy. At most
        `max_waiting` items wait in all; whoever brings more waits until there is room.
        """
        self._compute = compute
        self._max_items, self._max_wait_s = max_items, max_wait_s
        self._max_waiting = max_waiting
        self._waiting: deque[_Entry[Key, Item, Result]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    def results(self, key: Key, items: Sequence[Item], deadline: float) -> list[Result | Exception]:
        """One for each item, in order: its result, or why there is none.

        That is what `compute` raised for this very item, TimeoutError after `deadline` (monotonic
        seconds), or BatcherClosed. An error of one item does not reach the others of its batch.
        """
        futures = [self._put(key, item, deadline) for item in items]
        return [self._outcome(future, deadline) for future in futures]

    def close(self) -> None:
        """Refuse what waits and what comes; waits up to 5 s for the batch in progress."""
        with self._changed:
            self._closed = True
            refused, self._waiting = self._waiting, deque()
            self._changed.notify_all()
        for entry in refused:
            if entry.future.set_running_or_notify_cancel():
                entry.future.set_exception(BatcherClosed())
        if self._thread is not None:
            self._thread.join(STOP_TIMEOUT_S)

    def _put(self, key: Key, item: Item, deadline: float) -> Future[Result]:
        future: Future[Result] = Future()
        with self._changed:
            has_room = self._changed.wait_for(
                lambda: self._closed or len(self._waiting) < self._max_waiting,
                max(0.0, deadline - time.monotonic()),
            )
            if self._closed:
                future.set_exception(BatcherClosed())
            elif not has_room:
                future.set_exception(TimeoutError())
            else:
                self._waiting.append(_Entry(key, item, future, time.monotonic()))
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="batch", daemon=True)
                    self._thread.start()
                self._changed.notify_all()
        return future

    @staticmethod
    def _outcome(future: Future[Result], deadline: float) -> Result | Exception:
        try:
            return future.result(max(0.0, deadline - time.monotonic()))
        except CancelledError:
            return TimeoutError()
        except Exception as error:
            future.cancel()  # of no use any more, where it was late
            return error

    # -- the thread that computes ----------------------------------------------------------

    def _run(self) -> None:
        while batch := self._next_batch():
            self._settle(batch[0].key, batch)

    def _next_batch(self) -> list[_Entry[Key, Item, Result]]:
        """The items of the next call, all of one key, cancelled ones left out; empty at the end."""
        batch: list[_Entry[Key, Item, Result]] = []
        while not batch:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting)
                self._gather()
                if self._closed:
                    return []
                while self._waiting and len(batch) < self._max_items:
                    if batch and self._waiting[0].key != batch[0].key:
                        break
                    entry = self._waiting.popleft()
                    if entry.future.set_running_or_notify_cancel():
                        batch.append(entry)
                self._changed.notify_all()  # there is room again
        return batch

    def _gather(self) -> None:
        """Wait for more items, until there are enough or the first has waited long enough."""
        if self._waiting:
            since_s = time.monotonic() - self._waiting[0].arrived_s
            self._changed.wait_for(
                lambda: self._closed or len(self._waiting) >= self._max_items,
                max(0.0, self._max_wait_s - since_s),
            )

    def _settle(self, key: Key, batch: Sequence[_Entry[Key, Item, Result]]) -> None:
        """Compute the batch; where that fails compute its halves, down to the item at fault."""
        try:
            results = self._compute(key, [entry.item for entry in batch])
            if len(results) != len(batch):
                raise ValueError(f"{len(results)} results for {len(batch)} items")
        except Exception as error:
            if len(batch) == 1:
                batch[0].future.set_exception(error)
                return
            middle = len(batch) // 2
            self._settle(key, batch[:middle])
            self._settle(key, batch[middle:])
            return
        for entry, result in zip(batch, results, strict=True):
            entry.future.set_result(result)
