"""backend/model_cache.py: which model serves, and what happens when one cannot."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend import model_cache
from backend.metrics import Metrics
from backend.model_cache import ChampionCache
from tests.unit.backend.shelf import Shelf, eventually


@pytest.fixture
def shelf(models: dict[str, Path]) -> Shelf:
    return Shelf(dict(models))


@pytest.fixture
def start(shelf: Shelf, tmp_path: Path) -> Iterator[Callable[[], ChampionCache]]:
    started = []

    def make() -> ChampionCache:
        folders = tmp_path / "cache", tmp_path / "notes"
        cache = ChampionCache(lambda: shelf, *folders, Metrics(), poll_s=0.02)
        cache.start()
        started.append(cache)
        return cache

    yield make
    for cache in started:
        cache.stop()


def text(cache: ChampionCache) -> str:
    return cache._metrics.render(None).decode()


def test_before_a_champion_there_is_nothing(start: Callable[[], ChampionCache]) -> None:
    """A project without champion is answered at once, with no model."""
    cache = start()
    assert cache.version(3) is None
    assert cache.get(3, wait_s=5) is None
    assert cache.projects() == [3]


def test_promotion_and_rollback_are_followed(
    start: Callable[[], ChampionCache], shelf: Shelf
) -> None:
    """The version in the registry is the version that serves, there and back."""
    cache = start()
    for version in ("one", "two", "one"):
        shelf.champions[3] = version
        cache.watch(3)
        assert eventually(lambda version=version: cache.version(3) == version)
        assert cache.get(3, wait_s=5).version == version
    assert 'pushoff_model_serving{project="3",version="one"} 1.0' in text(cache)
    assert 'pushoff_model_serving{project="3",version="two"} 0.0' in text(cache)


def test_a_request_under_way_keeps_its_model(
    start: Callable[[], ChampionCache], shelf: Shelf
) -> None:
    """Swapping changes nothing for who holds the old model."""
    shelf.champions[3] = "one"
    cache = start()
    held = cache.get(3, wait_s=5)
    shelf.champions[3] = "two"
    assert eventually(lambda: cache.version(3) == "two")
    assert held.version == "one"
    held.classifier.self_test()


@pytest.mark.logs_errors
def test_a_broken_champion_is_refused(
    start: Callable[[], ChampionCache], shelf: Shelf, tmp_path: Path
) -> None:
    """The old model goes on serving, and log and metrics tell why."""
    broken = tmp_path / "broken"
    shutil.copytree(shelf.folders["two"], broken)
    weights = next(broken.glob("*.safetensors"))
    data = bytearray(weights.read_bytes())
    data[-5] ^= 1
    weights.write_bytes(data)
    shelf.folders["broken"] = broken
    shelf.champions[3] = "one"
    cache = start()
    assert cache.get(3, wait_s=5).version == "one"
    shelf.champions[3] = "broken"
    assert eventually(lambda: "pushoff_model_refused_total 1.0" in text(cache))
    assert cache.get(3, wait_s=5).version == cache.version(3) == "one"


@pytest.mark.logs_errors
def test_a_broken_champion_at_the_start_brings_back_the_last_good_one(
    start: Callable[[], ChampionCache], shelf: Shelf
) -> None:
    """A process that starts with a broken champion serves what served before."""
    shelf.champions[3] = "one"
    first = start()
    assert first.get(3, wait_s=5).version == "one"
    first.stop()
    shelf.champions[3] = "missing"
    assert start().get(3, wait_s=5).version == "one"


@pytest.mark.logs_errors
def test_the_registry_may_go_away(start: Callable[[], ChampionCache], shelf: Shelf) -> None:
    """Running processes go on serving, and a new one serves from its own copy."""
    shelf.champions[3] = "one"
    cache = start()
    assert cache.get(3, wait_s=5).version == "one"
    shelf.away = True
    assert eventually(lambda: "pushoff_registry_errors_total 0.0" not in text(cache))
    assert cache.get(3, wait_s=5).version == "one"
    assert start().get(3, wait_s=5).version == "one"
    shelf.away, shelf.champions[3] = False, "two"
    assert eventually(lambda: cache.version(3) == "two")


@pytest.mark.logs_errors
def test_an_outage_is_one_line_in_the_log(
    start: Callable[[], ChampionCache], shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    """However often the registry is asked in vain, it is said once."""
    shelf.away = True
    cache = start()
    cache.watch(3)
    assert eventually(lambda: "pushoff_registry_errors_total 5.0" in text(cache))
    assert caplog.text.count("the registry request failed") == 1


def test_a_new_process_knows_what_was_served(
    start: Callable[[], ChampionCache], shelf: Shelf, tmp_path: Path
) -> None:
    """The version is told at once after a restart, and the model loaded without being asked."""
    shelf.champions[3] = "one"
    cache = start()
    assert cache.get(3, wait_s=5)
    unstarted = ChampionCache(lambda: shelf, tmp_path / "cache", tmp_path / "notes", Metrics())
    assert unstarted.version(3) == "one"
    assert eventually(lambda other=start(): other._entries.get(3) and other._entries[3].served)


def test_a_champion_taken_away_is_no_model(
    start: Callable[[], ChampionCache], shelf: Shelf
) -> None:
    """Without a champion nothing is made up."""
    shelf.champions[3] = "one"
    cache = start()
    assert cache.get(3, wait_s=5)
    del shelf.champions[3]
    assert eventually(lambda: cache.version(3) is None)
    assert cache.get(3, wait_s=5) is None


def test_only_so_many_models_stay_in_memory(
    start: Callable[[], ChampionCache], shelf: Shelf
) -> None:
    """The project asked least recently gives way, and is loaded again when asked."""
    projects = range(1, model_cache.MAX_RESIDENT + 3)
    shelf.champions |= dict.fromkeys(projects, "one")
    cache = start()
    for project_id in projects:
        assert cache.get(project_id, wait_s=10)

    def loaded() -> int:
        return sum(entry.served is not None for entry in cache._entries.values())

    assert eventually(lambda: loaded() == model_cache.MAX_RESIDENT)
    assert cache.version(1) == "one"
    assert cache.get(1, wait_s=10).version == "one"


def test_versions_are_listed(start: Callable[[], ChampionCache]) -> None:
    """All registered versions of the projects asked for."""
    assert start().versions([3]) == ["one", "two"]
