import dataclasses
import shutil
import threading
from pathlib import Path

import pytest

from pushoff.errors import ModelRefused, NoSuchModel, Superseded
from pushoff.learning.registry.registry import Registry
from tests.models import save_tiny_model
from tests.unit.learning.evaluation.evaluation_samples import scorecard

CARD = scorecard(footage="synthetic")
HISTORY = [{"epoch": 1, "loss": 0.7, "val_loss": 0.6, "val_average_precision": 0.5, "val_f1": 0.4}]


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> list[tuple[Path, object]]:
    """Three different models on disk with their cards."""
    found = []
    for seed in range(3):
        folder = tmp_path_factory.mktemp(f"m{seed}")
        found.append((folder, save_tiny_model(folder, seed, scorecard=CARD)))
    return found


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    """An SQLite file with MLflow's tables, which take seconds to create."""
    folder = tmp_path_factory.mktemp("registry")
    Registry(f"sqlite:///{folder / 'mlflow.db'}").champion()
    return folder / "mlflow.db"


@pytest.fixture
def empty(database, tmp_path) -> Registry:
    """A registry without models."""
    copy = shutil.copy(database, tmp_path / "mlflow.db")
    return Registry(f"sqlite:///{copy}", str(tmp_path / "models"))


@pytest.fixture(scope="module")
def registry(database) -> Registry:
    """A registry with the three models, for the tests one after the other."""
    copy = shutil.copy(database, database.with_name("models.db"))
    return Registry(f"sqlite:///{copy}", str(database.parent / "models"))


@pytest.fixture(scope="module")
def versions(registry, models) -> list[str]:
    """The three models, registered."""
    return [
        registry.register(
            folder, one, {"a.png": b"png"}, {"f1": 0.5}, {"seed": 1}, {"why": "test"}, HISTORY
        )
        for folder, one in models
    ]


def test_there_is_no_champion_before_the_first_promotion(empty):
    """A registry without models has no champion, no versions and no history."""
    assert empty.champion() is None
    assert empty.versions() == [] and empty.history() == []
    with pytest.raises(NoSuchModel) as refusal:
        empty.rollback()
    assert "no_champion" == refusal.value.code


def test_versions_name_their_weights(registry, models, versions):
    """A version names architecture, number and weights, and has its scorecard and run."""
    assert [one.version for one in registry.versions()] == versions[::-1]
    for number, (version, (_, one)) in enumerate(zip(versions, models, strict=True), 1):
        assert version == f"resnet18-v{number}-{one.weights_sha256[:6]}"
        shown = registry.get(version)
        assert shown.scorecard == CARD and shown.dataset_fingerprint == "f" * 64
    for unknown in ("resnet18-v1-000000", "resnet18-v9-123456", "../x", ""):
        with pytest.raises(NoSuchModel):
            registry.get(unknown)


def test_the_run_keeps_curves_plots_parameters_and_card(registry, versions):
    """MLflow's pages show how the model was made."""
    with registry._client() as client:
        run_id = registry.get(versions[0]).run_id
        run = client.get_run(run_id)
        assert run.data.metrics["f1"] == 0.5 and run.data.params["seed"] == "1"
        assert run.data.tags["dataset_fingerprint"] == "f" * 64 and run.data.tags["why"] == "test"
        assert [one.step for one in client.get_metric_history(run_id, "val_f1")] == [1]
        kept = {one.path for folder in ("plots", "model")
                for one in client.list_artifacts(run_id, folder)}  # fmt: skip
    assert {"plots/a.png", "model/card.json"} < kept


def test_registering_again_changes_nothing(registry, models, versions):
    """A job that ran twice leaves one version."""
    folder, one = models[1]
    assert registry.register(folder, one, {}, {}, {}) == versions[1]
    assert len(registry.versions()) == 3
    with pytest.raises(ModelRefused):
        registry.register(folder, dataclasses.replace(one, seed=2), {}, {}, {})


def test_each_change_of_champion_is_announced_once(database, models, tmp_path):
    """After it is made, and not where nothing changes."""
    copy = shutil.copy(database, tmp_path / "mlflow.db")
    seen = []
    registry = Registry(
        f"sqlite:///{copy}",
        str(tmp_path / "models"),
        lambda: seen.append(registry.champion().version),
    )
    one, two = (registry.register(folder, card, {}, {}, {}) for folder, card in models[:2])
    registry.promote(one, "first")
    registry.promote(one, "again")
    with pytest.raises(Superseded):
        registry.promote(two, "late", expected=None)
    registry.promote(two, "better")
    registry.rollback()
    assert seen == [one, two, one]


def test_promote_compare_and_set_and_rollback(registry, versions):
    """A promotion decided against an old champion is refused; rolling back twice goes two back."""
    one, two, three = versions
    assert registry.promote(one, "first", expected=None).version == one
    with pytest.raises(Superseded):
        registry.promote(two, "late", expected=None)
    registry.promote(two, "better", expected=one)
    registry.promote(two, "again", expected=two)
    registry.promote(three, "by hand")
    assert registry.champion().version == three
    assert [entry.reason for entry in registry.history()] == ["first", "better", "by hand"]
    assert registry.rollback("worse on video").version == two
    assert registry.rollback().version == one
    with pytest.raises(NoSuchModel) as refusal:
        registry.rollback()
    assert "no_earlier_champion" == refusal.value.code
    assert registry.champion().version == one
    registry.promote(three, "after all", expected=one)
    assert registry.rollback().version == one
    with pytest.raises(NoSuchModel):
        registry.promote("resnet18-v9-123456", "unknown")


def test_one_of_two_concurrent_promotions_wins(registry, versions):
    """Two decide against the same champion: one is promoted, the other is superseded."""
    have = registry.champion().version
    others = [version for version in versions if version != have]
    outcomes = []

    def go(version: str) -> None:
        try:
            outcomes.append(registry.promote(version, "race", expected=have).version)
        except Superseded:
            outcomes.append(None)

    threads = [threading.Thread(target=go, args=(version,)) for version in others]
    [one.start() for one in threads]
    [one.join() for one in threads]
    assert sorted(one is None for one in outcomes) == [False, True]
    assert registry.champion().version in outcomes


def test_fetch_verifies_files(registry, versions, tmp_path):
    """A model is copied once; a damaged copy is fetched again, a damaged original refused."""
    place = registry.fetch(versions[2], tmp_path / "cache")
    assert registry.fetch(registry.get(versions[2]), tmp_path / "cache") == place
    weights = next(place.glob("weights-*"))
    weights.write_bytes(b"rot")
    again = registry.fetch(versions[2], tmp_path / "cache")
    assert next(again.glob("weights-*")).stat().st_size > 10_000_000
    original = Path(registry.get(versions[2]).source.removeprefix("file://")) / "card.json"
    sound = original.read_bytes()
    original.write_bytes(sound.replace(b'"f1": 0.8', b'"f1": 0.9'))
    try:
        with pytest.raises(ModelRefused, match=r"card\.json"):
            registry.fetch(versions[2], tmp_path / "other")
        with pytest.raises(ModelRefused):
            registry.promote(versions[2], "tampered")
        assert not list((tmp_path / "other").glob("*"))
    finally:
        original.write_bytes(sound)
    with pytest.raises(NoSuchModel):
        registry.fetch("resnet18-v9-123456", tmp_path / "cache")


def test_old_refits_are_pruned(empty, tmp_path):
    """Refits that were never champion are deleted except the newest; the other versions stay."""
    made = []
    for seed in range(5):
        folder = tmp_path / str(seed)
        whole = seed == 0
        model = save_tiny_model(
            folder, 100 + seed, backbone_of="" if whole else "resnet18-v1-aaaaaa"
        )
        made.append(empty.register(folder, model, {}, {}, {}))
    empty.promote(made[1], "test")
    empty.promote(made[2], "test")
    files = Path(empty.get(made[3]).source.removeprefix("file://"))
    assert files.exists()
    assert empty.prune_refits(keep=1) == [made[3]]
    assert not files.exists()
    assert [one.version for one in empty.versions()] == [made[4], made[2], made[1], made[0]]
    assert empty.prune_refits(keep=1) == []
    assert empty.rollback().version == made[1]
