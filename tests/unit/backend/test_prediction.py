"""backend/prediction.py: one item per task, in order."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from backend.metrics import Metrics
from backend.model_cache import ChampionCache
from backend.prediction import FETCH_THREADS, MAX_LOGGED_FAILURES, Predictor
from pushoff.errors import MediaRefused, MediaUnavailable
from pushoff.studio.config.label_config import parse_label_config
from tests.integration.backend_server import LABEL_CONFIG, task
from tests.unit.backend.memory_registry import MemoryRegistry

INTERFACE = parse_label_config(LABEL_CONFIG)


class Images:
    """Images by made-up addresses: a seed, or what goes wrong."""

    def __init__(self) -> None:
        self.held = self.most = 0
        self._lock = threading.Lock()

    def image(self, address: str, task_id: int) -> np.ndarray:
        """(H, W, 3) uint8 RGB."""
        if address == "refused":
            raise MediaRefused("too large")
        if address == "away":
            raise MediaUnavailable("not there")
        if address == "broken":
            raise ZeroDivisionError("a bug")
        if address == "slow":
            time.sleep(0.3)
            return self.image("0", task_id)
        with self._lock:
            self.held += 1
            self.most = max(self.most, self.held)
        time.sleep(0.001)
        with self._lock:
            self.held -= 1
        return np.random.default_rng(int(address)).integers(0, 255, (40, 60, 3), np.uint8)


@pytest.fixture
def images() -> Images:
    return Images()


@pytest.fixture
def registry(models: dict[str, Path]) -> MemoryRegistry:
    return MemoryRegistry(dict(models), "one")


@pytest.fixture
def predictor(registry: MemoryRegistry, tmp_path: Path, images: Images) -> Iterator[Predictor]:
    cache = ChampionCache(lambda: registry, tmp_path / "c", tmp_path / "n", Metrics(), poll_s=0.05)
    cache.start()
    made = Predictor(cache, lambda: images, cache._metrics)
    yield made
    made.close()
    cache.stop()


@pytest.fixture
def ask(predictor: Predictor) -> Callable[..., list[dict[str, object]]]:
    def predict(*tasks: object, seconds: float = 60) -> list[dict[str, object]]:
        return predictor.predict(tasks, INTERFACE, time.monotonic() + seconds)

    return predict


def test_items_are_in_order_and_complete(ask: Callable[..., list[dict]]) -> None:
    """Over several batches too."""
    tasks = [task(number, str(number % 5)) for number in range(70)]
    items = ask(*tasks)
    assert len(items) == 70
    for number, item in enumerate(items):
        [region] = item["result"]
        assert region["value"]["choices"][0] in ("yes", "Not push off")
        assert 0.5 <= region["score"] <= 1
        assert 0 <= item["score"] <= 1
        assert item["model_version"] == "one"
        assert item["score"] == pytest.approx(items[number % 5]["score"], abs=1e-5)


def test_an_unreadable_image_affects_one_item(ask: Callable[..., list[dict]]) -> None:
    """Its item has no result, nor has that of a malformed task."""
    bad = ["refused", "away", "broken", "", None, 3]
    shapes = [{}, None, [], {"data": None}, {"data": {"frame": {}}}]
    tasks = [task(1, "1"), *(task(2, address) for address in bad), *shapes, task(3, "3")]
    items = ask(*tasks)
    assert [("result" in item) for item in items] == [True] + [False] * 11 + [True]
    assert all(item["model_version"] == "one" for item in items)


@pytest.mark.parametrize("registry", [MemoryRegistry()])
def test_without_a_champion_items_have_no_result(
    registry: MemoryRegistry, ask: Callable[..., list[dict]]
) -> None:
    """Their version says that there is no model yet."""
    assert ask(task(1, "1"), task(2, "2")) == [{"model_version": "no-model-yet"}] * 2


def test_the_deadline_is_kept(ask: Callable[..., list[dict]]) -> None:
    """Late tasks have no result, the others do."""
    ask(task(1, "1"))
    started = time.monotonic()
    tasks = [task(1, "1")] + [task(2, "slow")] * 100
    items = ask(*tasks, seconds=0.5)
    assert time.monotonic() - started < 2
    assert len(items) == 101
    assert "result" in items[0]
    assert "result" not in items[-1]


def test_memory_does_not_grow_with_the_tasks(
    ask: Callable[..., list[dict]], images: Images
) -> None:
    """The number of open images is limited."""
    ask(*(task(number, "1") for number in range(100)))
    assert images.most <= FETCH_THREADS


def test_the_box_of_a_task_is_used(ask: Callable[..., list[dict]]) -> None:
    """An invalid box means the whole image."""
    whole, boxed, strange = ask(task(1, "1"), task(1, "1", box=[0, 0, 9, 9]), task(1, "1", box="x"))
    assert whole == strange != boxed


def test_failures_do_not_flood_the_log(
    ask: Callable[..., list[dict]], caplog: pytest.LogCaptureFixture
) -> None:
    """Only the first ones are logged one by one."""
    ask(*(task(number, "refused") for number in range(200)))
    told = [line for line in caplog.messages if line.endswith("too large")]
    assert told == [f"task {number}: too large" for number in range(MAX_LOGGED_FAILURES)]
    assert "200 tasks: 200 unreadable" in caplog.text


def test_outcomes_are_counted(ask: Callable[..., list[dict]], predictor: Predictor) -> None:
    """The metrics distinguish answered and unreadable."""
    ask(task(1, "1"), task(2, "refused"), task(3, "away"))
    text = predictor._metrics.render(None).decode()
    for outcome in ("answered", "unreadable", "unavailable"):
        assert f'pushoff_predictions_total{{outcome="{outcome}"}} 1.0' in text
