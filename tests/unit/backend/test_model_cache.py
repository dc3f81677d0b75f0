"""backend/model_cache.py: which model serves, and fallbacks."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from backend.metrics import Metrics
from backend.model_cache import ChampionCache
from pushoff.errors import QueueUnavailable
from tests.unit.backend.memory_registry import MemoryRegistry, eventually


@pytest.fixture
def registry(models: dict[str, Path]) -> MemoryRegistry:
    return MemoryRegistry(dict(models))


@pytest.fixture
def start(registry: MemoryRegistry, tmp_path: Path) -> Iterator[Callable[[], ChampionCache]]:
    started = []

    def make() -> ChampionCache:
        paths = tmp_path / "cache", tmp_path / "last-served"
        cache = ChampionCache(lambda: registry, *paths, Metrics(), poll_s=0.02)
        cache.start()
        started.append(cache)
        return cache

    yield make
    for cache in started:
        cache.stop()


def text(cache: ChampionCache) -> str:
    return cache._metrics.render(None).decode()


def test_without_a_champion_there_is_no_model(start: Callable[[], ChampionCache]) -> None:
    """Nobody waits for one."""
    cache = start()
    started = time.monotonic()
    assert cache.get(wait_s=60) is None
    assert time.monotonic() - started < 30
    assert cache.version() is None


def test_promotion_and_rollback_are_followed(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """The champion of the registry serves."""
    cache = start()
    for version in ("one", "two", "one"):
        registry.champion_version = version
        assert eventually(lambda version=version: cache.version() == version)
        assert cache.get(wait_s=5).version == version
    assert 'pushoff_model_serving{version="one"} 1.0' in text(cache)
    assert 'pushoff_model_serving{version="two"} 0.0' in text(cache)


class Announcements:
    """As `ChampionChanges.wait`, in memory."""

    def __init__(self) -> None:
        self.changed = threading.Event()
        self.changed.set()
        self.down = False

    def wait(self, timeout_s: float) -> bool:
        """Whether there was one."""
        if self.down:
            raise QueueUnavailable("Redis is down")
        changed = self.changed.wait(timeout_s)
        self.changed.clear()
        return changed


@pytest.fixture
def announcements() -> Announcements:
    return Announcements()


@pytest.fixture
def announced_cache(
    registry: MemoryRegistry, announcements: Announcements, tmp_path: Path
) -> Iterator[ChampionCache]:
    """A cache that asks the registry once an hour by itself."""
    paths = tmp_path / "cache", tmp_path / "last-served"
    cache = ChampionCache(lambda: registry, *paths, Metrics(), announcements.wait, poll_s=3600)
    cache.start()
    yield cache
    cache.stop()


def test_an_announced_promotion_is_followed_at_once(
    announced_cache: ChampionCache, announcements: Announcements, registry: MemoryRegistry
) -> None:
    """Without an announcement the registry is not asked again and again."""
    assert announced_cache.get(wait_s=60) is None
    asked = registry.asked
    registry.champion_version = "one"
    announcements.changed.set()
    assert eventually(lambda: announced_cache.version() == "one")
    assert registry.asked == asked + 1


def test_without_redis_the_registry_is_asked_by_itself(
    announced_cache: ChampionCache, announcements: Announcements, registry: MemoryRegistry
) -> None:
    """A promotion is followed all the same."""
    assert announced_cache.get(wait_s=60) is None
    announcements.down = True
    registry.champion_version = "two"
    assert eventually(lambda: announced_cache.version() == "two")


def test_a_running_request_keeps_its_model(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """After a swap too."""
    registry.champion_version = "one"
    cache = start()
    held = cache.get(wait_s=5)
    registry.champion_version = "two"
    assert eventually(lambda: cache.version() == "two")
    assert held.version == "one"
    assert held.model.predict_pictures(np.zeros((1, 32, 32, 3), np.uint8)).shape == (1,)


@pytest.mark.logs_errors
def test_a_broken_champion_is_refused(
    start: Callable[[], ChampionCache], registry: MemoryRegistry, tmp_path: Path
) -> None:
    """The old model keeps serving; log and metrics report the failure."""
    broken = tmp_path / "broken"
    shutil.copytree(registry.folders["two"], broken)
    weights = next(broken.glob("*.safetensors"))
    data = bytearray(weights.read_bytes())
    data[-5] ^= 1
    weights.write_bytes(data)
    registry.folders["broken"] = broken
    registry.champion_version = "one"
    cache = start()
    assert cache.get(wait_s=5).version == "one"
    registry.champion_version = "broken"
    assert eventually(lambda: "pushoff_model_refused_total 1.0" in text(cache))
    assert cache.get(wait_s=5).version == cache.version() == "one"


@pytest.mark.logs_errors
def test_a_new_process_falls_back_from_a_broken_champion(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """It loads the version that served last."""
    registry.champion_version = "one"
    first = start()
    assert first.get(wait_s=5).version == "one"
    first.stop()
    registry.champion_version = "missing"
    assert start().get(wait_s=5).version == "one"


@pytest.mark.logs_errors
def test_models_serve_while_the_registry_is_down(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """New processes load their local copy."""
    registry.champion_version = "one"
    cache = start()
    assert cache.get(wait_s=5).version == "one"
    registry.down = True
    assert eventually(lambda: "pushoff_registry_errors_total 0.0" not in text(cache))
    assert cache.get(wait_s=5).version == "one"
    assert start().get(wait_s=5).version == "one"
    registry.down, registry.champion_version = False, "two"
    assert eventually(lambda: cache.version() == "two")


@pytest.mark.logs_errors
def test_an_outage_is_logged_once(
    start: Callable[[], ChampionCache], registry: MemoryRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    """Not once for each poll."""
    registry.down = True
    cache = start()
    assert eventually(lambda: "pushoff_registry_errors_total 5.0" in text(cache))
    assert caplog.text.count("the registry request failed") == 1


def test_a_new_process_knows_the_version_served_last(
    start: Callable[[], ChampionCache], registry: MemoryRegistry, tmp_path: Path
) -> None:
    """Before it has asked the registry."""
    registry.champion_version = "one"
    cache = start()
    assert cache.get(wait_s=5)
    paths = tmp_path / "cache", tmp_path / "last-served"
    unstarted = ChampionCache(lambda: registry, *paths, Metrics())
    assert unstarted.version() == "one"


def test_a_removed_champion_stops_serving(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """There is no model then."""
    registry.champion_version = "one"
    cache = start()
    assert cache.get(wait_s=5)
    registry.champion_version = None
    assert eventually(lambda: cache.version() is None)
    assert cache.get(wait_s=5) is None


def test_a_model_is_loaded_without_a_request(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """In the background thread, so that no request waits for torch or a file."""
    registry.champion_version = "one"
    cache = start()
    assert eventually(lambda: 'pushoff_model_serving{version="one"} 1.0' in text(cache))
    assert cache.get(wait_s=0).version == "one"


def test_versions_are_listed(start: Callable[[], ChampionCache]) -> None:
    """All registered versions."""
    assert start().versions() == ["one", "two"]
