"""A candidate is registered, and promoted only over the champion it was compared with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pushoff.errors import Superseded
from pushoff.learning.data.manifest import DatasetManifest
from pushoff.learning.features.feature_extractor import FeatureExtractor, load_feature_extractor
from pushoff.learning.frame.refit import initial_card, refit
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.feature_store import FeatureStore
from pushoff.studio.export.frame_labels import ExportedLabels
from pushoff.values import LabelledFrame, Split
from pushoff.workflows.steps.dataset_features import DatasetFeatures
from pushoff.workflows.steps.decide_and_register import Candidate, decide_and_register
from pushoff.workflows.steps.freeze_dataset import FrozenDataset
from tests.unit.learning.learning_samples import dataset_of, draw

SIZE_PX, VIDEO = 32, "ab" * 8
FRAMES = [
    *dataset_of(40, Split.TRAIN),
    *dataset_of(20, Split.VAL, 40),
    *dataset_of(30, Split.TEST, 60),
]
DATASET = FrozenDataset(
    DatasetManifest(
        project_id=1,
        seed=1,
        split_by="athlete",
        counts={},
        excluded={"skipped": 2},
        held_out_sessions=(VIDEO,),
        assignments={},
        frames=tuple(FRAMES),
    ),
    "f" * 64,
    {"skipped": 2},
)
NO_LABELS = ExportedLabels((), {})
"""Only read for a champion with another backbone."""


@pytest.fixture(scope="module")
def extractor() -> FeatureExtractor:
    return load_feature_extractor("resnet18", "none", SIZE_PX)[0]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory, extractor: FeatureExtractor) -> Path:
    """Features of all frames, and MLflow's tables, which take seconds to create."""
    folder = tmp_path_factory.mktemp("data")
    with open_services(Settings(_env_file=None, data_dir=folder)) as services:
        crops = np.stack([draw(frame.label, frame.task_id, SIZE_PX) for frame in FRAMES])
        times_s = np.array([frame.time_s for frame in FRAMES])
        store = FeatureStore(services.storage, extractor.fingerprint)
        store.save_video(VIDEO, times_s, extractor.extract(crops))
        services.registry.champion()
    return folder


@pytest.fixture
def services(redis_url: str, data_dir: Path, tmp_path: Path) -> Iterator[Services]:
    """A worker's services, with a registry of the test's own."""
    shutil.copy(data_dir / "mlflow.db", tmp_path / "mlflow.db")
    settings = Settings(
        _env_file=None,
        data_dir=data_dir,
        mlflow_uri=f"sqlite:///{tmp_path / 'mlflow.db'}",
        redis_url=redis_url,
        job_secret="k" * 32,
        promotion_gain=0.005,
    )
    with open_services(settings) as opened:
        yield opened


def candidate(
    services: Services, extractor: FeatureExtractor, name: str, *, wrong: bool = False
) -> Candidate:
    """Heads fitted on drawn frames; `wrong`: on labels that are the opposite of the truth."""
    store = FeatureStore(services.storage, extractor.fingerprint)
    labels = [
        LabelledFrame(
            task_id=frame.task_id,
            image="x.jpg",
            label=frame.label,
            split_group="ana",
            video_id=VIDEO,
            footage="synthetic",
            box=None,
            time_s=frame.time_s,
            from_suggestion=False,
            frame_index=row,
        )
        for row, frame in enumerate(FRAMES)
    ]
    features = DatasetFeatures(store, list(zip(FRAMES, labels, strict=True)))
    train, val = features.examples(Split.TRAIN), features.examples(Split.VAL)
    if wrong:
        train, val = (
            type(part)(part.features, part.known, 1 - part.labels, part.weights)
            for part in (train, val)
        )
    folder = services.scratch / name
    model = refit(extractor, train, val, initial_card(extractor, "f" * 64, 1, name), folder)
    return Candidate(model, folder, features, {"name": name}, with_plots=True)


def test_a_first_model_is_promoted_with_its_scorecard(services, extractor):
    """It beats the trivial baseline; registry, card and outcome name the same held-out frames."""
    good = candidate(services, extractor, "good")
    outcome = decide_and_register(services, 1, DATASET, NO_LABELS, good, None)
    champion = services.registry.champion()
    assert outcome.promoted and champion is not None
    assert (outcome.version, outcome.labels) == (champion.version, 90)
    assert champion.scorecard is not None and champion.scorecard.frames == 30
    assert outcome.comparison is not None and outcome.comparison.champion_f1 is None
    assert outcome.excluded == {"skipped": 2}


def test_a_worse_candidate_is_registered_and_kept(services, extractor):
    """The champion stays; the candidate can be looked at, with the reason it was kept for."""
    good = candidate(services, extractor, "good")
    first = decide_and_register(services, 2, DATASET, NO_LABELS, good, None)
    bad = candidate(services, extractor, "bad", wrong=True)
    champion = (str(first.version), good.model)
    outcome = decide_and_register(services, 2, DATASET, NO_LABELS, bad, champion)
    assert not outcome.promoted and outcome.version != first.version
    assert services.registry.champion().version == first.version
    assert services.registry.get(outcome.version).decision in outcome.decision
    again = decide_and_register(services, 2, DATASET, NO_LABELS, bad, champion)
    assert again.version == outcome.version  # run twice: the same weights are one version
    assert len(services.registry.versions()) == 2


def test_a_champion_that_changed_meanwhile_stays(services, extractor):
    """The decision would be one against another model: nothing is registered or promoted."""
    good = candidate(services, extractor, "good")
    first = decide_and_register(services, 3, DATASET, NO_LABELS, good, None)
    other = candidate(services, extractor, "other", wrong=True)
    with pytest.raises(Superseded):
        decide_and_register(services, 3, DATASET, NO_LABELS, other, None)
    assert [model.version for model in services.registry.versions()] == [first.version]


def test_a_superseded_run_promotes_nothing(services, extractor):
    """A newer retrain has begun: the older one's candidate is neither registered nor promoted."""
    run_number, _ = services.queue.retrain.begin_run(4)
    services.queue.retrain.begin_run(4)
    good = candidate(services, extractor, "good")
    with pytest.raises(Superseded):
        decide_and_register(services, 4, DATASET, NO_LABELS, good, None, run_number=run_number)
    assert services.registry.versions() == []
