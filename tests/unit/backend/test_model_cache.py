"""backend/model_cache.py: which model serves, and fallbacks."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend import model_cache
from backend.metrics import Metrics
from backend.model_cache import ChampionCache
from tests.unit.backend.memory_registry import MemoryRegistry, eventually


@pytest.fixture
def registry(models: dict[str, Path]) -> MemoryRegistry:
    return MemoryRegistry(dict(models))


@pytest.fixture
def start(registry: MemoryRegistry, tmp_path: Path) -> Iterator[Callable[[], ChampionCache]]:
    started = []

    def make() -> ChampionCache:
        folders = tmp_path / "cache", tmp_path / "notes"
        cache = ChampionCache(lambda: registry, *folders, Metrics(), poll_s=0.02)
        cache.start()
        started.append(cache)
        return cache

    yield make
    for cache in started:
        cache.stop()


def text(cache: ChampionCache) -> str:
    return cache._metrics.render(None).decode()


def test_a_project_without_a_champion_has_no_model(start: Callable[[], ChampionCache]) -> None:
    """It does not wait for one."""
    cache = start()
    assert cache.version(3) is None
    assert cache.get(3, wait_s=5) is None
    assert cache.projects() == [3]


def test_promotion_and_rollback_are_followed(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """The champion of the registry serves."""
    cache = start()
    for version in ("one", "two", "one"):
        registry.champions[3] = version
        cache.watch(3)
        assert eventually(lambda version=version: cache.version(3) == version)
        assert cache.get(3, wait_s=5).version == version
    assert 'pushoff_model_serving{project="3",version="one"} 1.0' in text(cache)
    assert 'pushoff_model_serving{project="3",version="two"} 0.0' in text(cache)


def test_a_running_request_keeps_its_model(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """After a swap too."""
    registry.champions[3] = "one"
    cache = start()
    held = cache.get(3, wait_s=5)
    registry.champions[3] = "two"
    assert eventually(lambda: cache.version(3) == "two")
    assert held.version == "one"
    held.classifier.self_test()


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
    registry.champions[3] = "one"
    cache = start()
    assert cache.get(3, wait_s=5).version == "one"
    registry.champions[3] = "broken"
    assert eventually(lambda: "pushoff_model_refused_total 1.0" in text(cache))
    assert cache.get(3, wait_s=5).version == cache.version(3) == "one"


@pytest.mark.logs_errors
def test_a_new_process_falls_back_from_a_broken_champion(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """It loads the version that served last."""
    registry.champions[3] = "one"
    first = start()
    assert first.get(3, wait_s=5).version == "one"
    first.stop()
    registry.champions[3] = "missing"
    assert start().get(3, wait_s=5).version == "one"


@pytest.mark.logs_errors
def test_models_serve_while_the_registry_is_down(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """New processes load their local copy."""
    registry.champions[3] = "one"
    cache = start()
    assert cache.get(3, wait_s=5).version == "one"
    registry.down = True
    assert eventually(lambda: "pushoff_registry_errors_total 0.0" not in text(cache))
    assert cache.get(3, wait_s=5).version == "one"
    assert start().get(3, wait_s=5).version == "one"
    registry.down, registry.champions[3] = False, "two"
    assert eventually(lambda: cache.version(3) == "two")


@pytest.mark.logs_errors
def test_an_outage_is_logged_once(
    start: Callable[[], ChampionCache], registry: MemoryRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    """Not once for each poll."""
    registry.down = True
    cache = start()
    cache.watch(3)
    assert eventually(lambda: "pushoff_registry_errors_total 5.0" in text(cache))
    assert caplog.text.count("the registry request failed") == 1


def test_a_new_process_knows_the_version_served_last(
    start: Callable[[], ChampionCache], registry: MemoryRegistry, tmp_path: Path
) -> None:
    """It loads the model without a request."""
    registry.champions[3] = "one"
    cache = start()
    assert cache.get(3, wait_s=5)
    unstarted = ChampionCache(lambda: registry, tmp_path / "cache", tmp_path / "notes", Metrics())
    assert unstarted.version(3) == "one"
    assert eventually(lambda other=start(): other._entries.get(3) and other._entries[3].served)


def test_a_removed_champion_stops_serving(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """The project then has no model."""
    registry.champions[3] = "one"
    cache = start()
    assert cache.get(3, wait_s=5)
    del registry.champions[3]
    assert eventually(lambda: cache.version(3) is None)
    assert cache.get(3, wait_s=5) is None


def test_the_number_of_models_in_memory_is_limited(
    start: Callable[[], ChampionCache], registry: MemoryRegistry
) -> None:
    """The least recently used is unloaded, and loaded again when needed."""
    projects = range(1, model_cache.MAX_RESIDENT + 3)
    registry.champions |= dict.fromkeys(projects, "one")
    cache = start()
    for project_id in projects:
        assert cache.get(project_id, wait_s=10)

    def loaded() -> int:
        return sum(entry.served is not None for entry in cache._entries.values())

    assert eventually(lambda: loaded() == model_cache.MAX_RESIDENT)
    assert cache.version(1) == "one"
    assert cache.get(1, wait_s=10).version == "one"


def test_versions_are_listed(start: Callable[[], ChampionCache]) -> None:
    """All registered versions of the projects."""
    assert start().versions([3]) == ["one", "two"]
