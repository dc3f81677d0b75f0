"""backend/batcher.py: one call for the items of several threads."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.batcher import Batcher, BatcherClosed
from tests.unit.backend.memory_registry import eventually


class Squares:
    """A function over batches that records its calls, can be held up, and dislikes an item."""

    def __init__(self, disliked: frozenset[int] = frozenset()) -> None:
        self.calls: list[tuple[str, list[int]]] = []
        self.disliked = disliked
        self.released = threading.Event()
        self.released.set()

    def __call__(self, key: str, items: Sequence[int]) -> list[tuple[str, int]]:
        """The squares, each with the key."""
        self.calls.append((key, list(items)))
        self.released.wait(10)
        if self.disliked.intersection(items):
            raise ZeroDivisionError("an item is disliked")
        return [(key, item * item) for item in items]


Make = Callable[..., Batcher[str, int, tuple[str, int]]]


@pytest.fixture
def make() -> Iterator[Make]:
    """Batchers that are closed after the test."""
    made = []

    def batcher(
        compute: Squares, max_items: int = 4, max_wait_s: float = 0.0, max_waiting: int = 100
    ) -> Batcher[str, int, tuple[str, int]]:
        made.append(
            Batcher(compute, max_items=max_items, max_wait_s=max_wait_s, max_waiting=max_waiting)
        )
        return made[-1]

    yield batcher
    for each in made:
        each.close()


def soon() -> float:
    return time.monotonic() + 10


def held(batcher: Batcher[str, int, tuple[str, int]], squares: Squares, key: str = "a") -> None:
    """Make the batcher busy with item 0."""
    squares.released.clear()
    threading.Thread(target=batcher.results, args=(key, [0], soon()), daemon=True).start()
    assert eventually(lambda: squares.calls == [(key, [0])])


def test_what_arrives_meanwhile_is_computed_together(make: Make) -> None:
    """One call for the items of all requests that waited; each gets its own results, in order."""
    squares = Squares()
    batcher = make(squares, max_items=6)
    held(batcher, squares)
    with ThreadPoolExecutor(3) as threads:
        asked = [
            threads.submit(batcher.results, "a", [number, number + 1], soon())
            for number in (10, 20, 30)
        ]
        assert eventually(lambda: len(batcher._waiting) == 6)
        squares.released.set()
        answers = [one.result() for one in asked]
    assert answers == [[("a", number**2), ("a", (number + 1) ** 2)] for number in (10, 20, 30)]
    assert [sorted(items) for _, items in squares.calls] == [[0], [10, 11, 20, 21, 30, 31]]


def test_models_are_not_mixed(make: Make) -> None:
    """A batch has one key: a request is answered by the model that it began with."""
    squares = Squares()
    batcher = make(squares)
    held(batcher, squares)
    with ThreadPoolExecutor(2) as threads:
        old = threads.submit(batcher.results, "a", [1, 2], soon())
        assert eventually(lambda: len(batcher._waiting) == 2)
        new = threads.submit(batcher.results, "b", [3], soon())
        assert eventually(lambda: len(batcher._waiting) == 3)
        squares.released.set()
        assert (old.result(), new.result()) == ([("a", 1), ("a", 4)], [("b", 9)])
    assert squares.calls[1:] == [("a", [1, 2]), ("b", [3])]


def test_an_error_reaches_only_its_own_request(make: Make) -> None:
    """The others of the batch are answered."""
    squares = Squares(frozenset({13}))
    batcher = make(squares, max_items=8)
    held(batcher, squares)
    squares.disliked = frozenset({13})
    with ThreadPoolExecutor(2) as threads:
        good = threads.submit(batcher.results, "a", [11, 12], soon())
        bad = threads.submit(batcher.results, "a", [13, 14], soon())
        assert eventually(lambda: len(batcher._waiting) == 4)
        squares.released.set()
        assert good.result() == [("a", 121), ("a", 144)]
        error, other = bad.result()
    assert isinstance(error, ZeroDivisionError)
    assert other == ("a", 196)


def test_a_late_item_is_not_computed(make: Make) -> None:
    """After its deadline nobody waits for it."""
    squares = Squares()
    batcher = make(squares)
    held(batcher, squares)
    [late] = batcher.results("a", [1], time.monotonic() + 0.05)
    assert isinstance(late, TimeoutError)
    squares.released.set()
    assert batcher.results("a", [2], soon()) == [("a", 4)]
    assert [items for _, items in squares.calls] == [[0], [2]]


def test_few_items_wait(make: Make) -> None:
    """Whoever brings more waits for room, until the deadline."""
    squares = Squares()
    batcher = make(squares, max_waiting=2)
    held(batcher, squares)
    results = batcher.results("a", [1, 2, 3], time.monotonic() + 0.05)
    assert all(isinstance(result, TimeoutError) for result in results)
    squares.released.set()
    assert batcher.results("a", [4, 5, 6, 7, 8], soon()) == [("a", n * n) for n in range(4, 9)]


def test_closing_releases_whoever_waits(make: Make) -> None:
    """The batch in progress is finished, what waits and what comes is refused at once."""
    squares = Squares()
    batcher = make(squares)
    held(batcher, squares)
    with ThreadPoolExecutor(2) as threads:
        waiting = threads.submit(batcher.results, "a", [1], soon())
        assert eventually(lambda: len(batcher._waiting) == 1)
        closing = threads.submit(batcher.close)
        [refused] = waiting.result()
        assert isinstance(refused, BatcherClosed)
        squares.released.set()
        closing.result()
    assert isinstance(batcher.results("a", [2], soon())[0], BatcherClosed)
    assert batcher._thread is not None and not batcher._thread.is_alive()
    make(squares).close()  # one that was never used


requests = st.lists(
    st.tuples(st.sampled_from("ab"), st.lists(st.integers(0, 9), max_size=5)), max_size=6
)


@settings(max_examples=40, deadline=None)
@given(
    requests=requests,
    disliked=st.frozensets(st.integers(0, 9), max_size=2),
    max_items=st.integers(1, 6),
    max_waiting=st.integers(1, 6),
)
def test_every_request_gets_exactly_its_own_answers(
    requests: list[tuple[str, list[int]]],
    disliked: frozenset[int],
    max_items: int,
    max_waiting: int,
) -> None:
    """Whatever arrives at once, with whatever limits: in order, errors in their own places."""
    squares = Squares(disliked)
    batcher = Batcher(squares, max_items=max_items, max_wait_s=0.0, max_waiting=max_waiting)
    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(batcher.results, key, items, soon()) for key, items in requests]
        answers = [one.result() for one in asked]
    batcher.close()
    for (key, items), results in zip(requests, answers, strict=True):
        assert len(results) == len(items)
        for item, result in zip(items, results, strict=True):
            if item in disliked:
                assert isinstance(result, ZeroDivisionError)
            else:
                assert result == (key, item * item)
    assert all(len(items) <= max_items for _, items in squares.calls)
