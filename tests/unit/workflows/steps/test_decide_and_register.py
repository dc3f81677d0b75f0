"""A candidate is registered, and promoted only over the champion it was compared with."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pushoff.errors import Superseded
from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.manifest import VideoTruth
from pushoff.learning.model.held_out_predictions import HeldOutPredictions
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.workflows.steps.champion import LoadedChampion, load_champion
from pushoff.workflows.steps.data.freeze_dataset import FrozenDataset
from pushoff.workflows.steps.decide_and_register import Candidate, decide_and_register
from tests.models import tiny_model
from tests.unit.learning.event_samples import known_video, known_videos, training_data_of
from tests.unit.workflows.workflow_samples import held_out_of, stored_video

VIDEOS = known_videos("abcd")
DATA = training_data_of(VIDEOS)
"""24 push-offs of four athletes: enough to be proven."""


def frozen(data=DATA) -> FrozenDataset:
    truths = {v.video_id: VideoTruth(v.truth, v.group, "synthetic") for v in data.videos}
    manifest = build_dataset([], truths, {}, None)
    return FrozenDataset(manifest, "f" * 64, {"skipped": 2})


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's tables, which take seconds to create."""
    folder = tmp_path_factory.mktemp("data")
    with open_services(Settings(_env_file=None, data_dir=folder)) as services:
        services.registry.champion()
    return folder / "mlflow.db"


@pytest.fixture
def services(redis_url: str, database: Path, tmp_path: Path) -> Iterator[Services]:
    """A worker's services, with a registry of the test's own."""
    shutil.copy(database, tmp_path / "mlflow.db")
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        mlflow_uri=f"sqlite:///{tmp_path / 'mlflow.db'}",
        redis_url=redis_url,
        job_secret="k" * 32,
        promotion_gain=0.005,
    )
    with open_services(settings) as opened:
        yield opened


def candidate(seed: int, shift: int | None = 0, data=DATA, labels: int = 100, **how) -> Candidate:
    """A model of its own weights whose held-out predictions are `shift` frames off; None: it held
    out nothing."""
    model = tiny_model(seed, sequence=True)
    model = replace(
        model,
        card=replace(model.card, labels=labels),
        trained_on=frozenset(video.video_id for video in data.videos),
        held_out=HeldOutPredictions() if shift is None else held_out_of(data, shift),
    )
    return Candidate(model, data, {"seed": seed}, {"run_number": "7"}, **how)


def test_a_first_proven_model_is_promoted_with_its_scorecard(services):
    """Registry, card and outcome name the same held-out push-offs."""
    parts = []
    outcome = decide_and_register(
        services, frozen(), candidate(1, with_plots=True), on_part=parts.append
    )
    champion = services.registry.champion()
    assert outcome.promoted and champion is not None
    assert outcome.version == champion.version and champion.decision in outcome.decision
    assert champion.scorecard.push_offs == 24 and champion.scorecard.proven
    comparison = outcome.comparison
    assert (comparison.f1_within_1, comparison.held_out_push_offs) == (1.0, 24)
    assert (comparison.held_out_groups, comparison.champion_f1_within_1) == (4, None)
    assert outcome.excluded == {"skipped": 2}
    assert parts == ["comparison", "registry"]
    loaded = load_champion(services)
    assert loaded.version == outcome.version and not loaded.refusal
    assert loaded.model.card.scorecard == champion.scorecard


def test_a_model_that_held_out_nothing_serves_until_one_is_proven(services):
    """It is the best there is, and called not proven; the first with proof replaces it."""
    first = decide_and_register(services, frozen(), candidate(1, shift=None))
    assert first.promoted and first.comparison is None
    assert services.registry.champion().scorecard is None
    second = decide_and_register(services, frozen(), candidate(2), load_champion(services))
    assert second.promoted and second.comparison.proven
    assert services.registry.champion().version == second.version


def test_a_worse_candidate_is_registered_and_kept(services):
    """Compared on what both held out; it can be looked at, with the reason it was kept for."""
    first = decide_and_register(services, frozen(), candidate(1))
    bad = candidate(2, shift=4)
    outcome = decide_and_register(services, frozen(), bad, load_champion(services))
    assert not outcome.promoted and outcome.version != first.version
    assert services.registry.champion().version == first.version
    assert services.registry.get(outcome.version).decision in outcome.decision
    assert outcome.comparison.champion_f1_within_1 == 1.0 > outcome.comparison.f1_within_1
    again = decide_and_register(services, frozen(), bad, load_champion(services))
    assert again.version == outcome.version  # run twice: the same weights are one version
    assert len(services.registry.versions()) == 2


def test_a_better_candidate_replaces_the_champion(services):
    """Both proven, on the same push-offs."""
    worse_than_guessing = decide_and_register(services, frozen(), candidate(1, shift=4))
    assert not worse_than_guessing.promoted and services.registry.champion() is None
    half = candidate(2)
    videos = dict(half.model.held_out.videos)
    videos |= {v.video_id: held_out_of(DATA, 4).videos[v.video_id] for v in VIDEOS[:2]}
    half = replace(half, model=replace(half.model, held_out=HeldOutPredictions(videos)))
    champion = decide_and_register(services, frozen(), half, load_champion(services))
    assert champion.promoted and champion.comparison.f1_within_1 == pytest.approx(0.5, abs=0.1)
    better = decide_and_register(services, frozen(), candidate(3), load_champion(services))
    assert better.promoted
    assert better.comparison.champion_f1_within_1 == champion.comparison.f1_within_1


def test_new_videos_are_predicted_by_the_champion(services):
    """Of a video that the champion never learnt from it is compared with its own prediction."""
    decide_and_register(services, frozen(), candidate(1))
    champion = load_champion(services)
    name, features = stored_video(
        services, "new", champion.model.extractor, known_video("v", "e").truth, athlete="e"
    )
    new = replace(known_video(name, "e", fold=4), features=features)
    more = training_data_of([*VIDEOS, new])
    outcome = decide_and_register(
        services, frozen(more), candidate(2, data=more, labels=200), champion
    )
    comparison = outcome.comparison
    assert (comparison.held_out_groups, comparison.held_out_push_offs) == (5, 30)
    # the champion's random heads find other push-offs in the new video than there are
    assert comparison.champion_average_precision < comparison.average_precision == 1.0


def test_only_frames_that_both_held_out_are_compared(services):
    """A champion that held out two of the four athletes is compared on these two, and both figures
    that annotators read are of them."""
    only = candidate(1)
    some = {v.video_id: only.model.held_out.videos[v.video_id] for v in VIDEOS[:2]}
    only = replace(only, model=replace(only.model, held_out=HeldOutPredictions(some)))
    decide_and_register(services, frozen(), only)
    champion = load_champion(services)
    assert champion.model.card.scorecard.push_offs == 12
    half = candidate(2, labels=99)
    videos = {**half.model.held_out.videos}
    videos |= {v.video_id: held_out_of(DATA, 4).videos[v.video_id] for v in VIDEOS[2:]}
    half = replace(half, model=replace(half.model, held_out=HeldOutPredictions(videos)))
    outcome = decide_and_register(services, frozen(), half, champion)
    scored = outcome.comparison
    assert outcome.promoted and scored.champion_f1_within_1 == scored.f1_within_1 == 1.0
    assert (scored.held_out_push_offs, scored.held_out_groups) == (12, 2)
    assert services.registry.champion().scorecard.f1_within_1 < 0.6


def test_a_champion_whose_files_are_unusable_is_replaced(services):
    """The reason says so; nothing can be compared with it."""
    first = decide_and_register(services, frozen(), candidate(1))
    original = Path(services.registry.get(first.version).source.removeprefix("file://"))
    next(original.glob("weights-*")).write_bytes(b"rot")
    champion = load_champion(services)
    assert (champion.version, champion.model) == (first.version, None) and champion.refusal
    outcome = decide_and_register(services, frozen(), candidate(2), champion)
    assert outcome.promoted and first.version in outcome.decision
    assert outcome.comparison.champion_f1_within_1 is None


def test_promotion_may_be_left_to_a_person(services):
    """Registered with its scores, and not promoted."""
    outcome = decide_and_register(services, frozen(), candidate(1), promote=False)
    assert not outcome.promoted and services.registry.champion() is None
    assert services.registry.get(outcome.version).scorecard.proven


def test_a_champion_that_changed_meanwhile_stays(services):
    """The decision would be one against another model: nothing is registered or promoted."""
    first = decide_and_register(services, frozen(), candidate(1))
    with pytest.raises(Superseded):
        decide_and_register(services, frozen(), candidate(2))
    with pytest.raises(Superseded):
        other = LoadedChampion("resnet18-v9-abcdef", candidate(3).model)
        decide_and_register(services, frozen(), candidate(2), other)
    assert [model.version for model in services.registry.versions()] == [first.version]


def test_a_superseded_run_promotes_nothing(services):
    """A newer retrain has begun: the older one's candidate is neither registered nor promoted."""
    run_number, _ = services.queue.retrain.begin_run(4)
    services.queue.retrain.begin_run(4)
    with pytest.raises(Superseded):
        decide_and_register(services, frozen(), candidate(1), fenced=(4, run_number))
    assert services.registry.versions() == []
    newest, _ = services.queue.retrain.begin_run(4)
    assert decide_and_register(services, frozen(), candidate(1), fenced=(4, newest)).promoted
