"""Labelled clips teach every model from then on."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pushoff.errors import BadInput, TooFewLabels
from pushoff.learning.features.extract_features import features_key
from pushoff.learning.features.feature_extractor import WITH_MIRROR, load_feature_extractor
from pushoff.learning.features.video_features import features_to_bytes
from pushoff.learning.registry.registry import Registry
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.deletion import delete_video
from pushoff.storage.truths import load_truths
from pushoff.storage.videos import add_video, list_videos, load_video, video_id_of
from pushoff.util.file_digest import sha256_of
from pushoff.util.progress import ignore_progress
from pushoff.values import Exercise
from pushoff.workflows.results import TrainingOutcome
from pushoff.workflows.steps.champion import load_champion
from pushoff.workflows.steps.data.labelled_clips import ground_truths_of
from pushoff.workflows.train_model import store_clips, train_model
from tests.unit.learning.event_samples import known, video_of
from tests.unit.learning.learning_samples import refused

EXTRACTOR, _ = load_feature_extractor("resnet18", "none", 32)


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Path:
    """MLflow's tables, which take seconds to create."""
    folder = tmp_path_factory.mktemp("registry")
    Registry(f"sqlite:///{folder / 'mlflow.db'}").champion()
    return folder / "mlflow.db"


@pytest.fixture
def services(database, tmp_path) -> Iterator[Services]:
    """Without Label Studio and Redis; heads are fitted in two steps."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        mlflow_uri=f"sqlite:///{shutil.copy(database, tmp_path / 'mlflow.db')}",
        redis_url="unix:///nowhere/redis.sock",
        weights="none",
        size_px=32,
        head_steps=2,
    )
    with open_services(settings) as opened:
        yield opened


def clips(services: Services, folder: Path, *athletes: str, **changes) -> list[Path]:
    """A folder with an events.json, one clip of each athlete; their features are in storage."""
    folder.mkdir(exist_ok=True)
    paths, listing = [], {}
    for seed, athlete in enumerate(athletes):
        path = folder / f"{athlete}.mp4"
        path.write_text(f"a clip of {athlete}")
        truth = known(4)
        features = replace(video_of(truth, seed), sha256=sha256_of(path))
        for fps in (30.0, 150.0):
            key = features_key(features.sha256, fps, EXTRACTOR, WITH_MIRROR)
            services.storage.write(key, features_to_bytes(features))
        events = [{"frame": frame, "type": "push_off"} for frame in truth.push_off_frames]
        events += [{"frame": frame, "type": "touch_down"} for frame in truth.touch_down_frames]
        listing[path.name] = {
            "fps": 30, "frames": truth.frames, "events": events, "footage": "synthetic",
            "athlete": athlete, **changes,
        }  # fmt: skip
        paths.append(path)
    (folder / "events.json").write_text(json.dumps(listing))
    return paths


def store(services: Services, folder: Path) -> list[str]:
    return store_clips(services, ground_truths_of([folder]), EXTRACTOR, ignore_progress)


def train(services: Services, *folders: Path, promote: bool = True) -> TrainingOutcome:
    return train_model(services, folders, promote=promote, on_progress=ignore_progress)


def test_a_first_model_learns_from_clips_and_serves(services, tmp_path):
    """Stored with their truth, held out by athlete, registered and promoted."""
    paths = clips(services, tmp_path / "clips", "ana", "ben")
    outcome = train(services, tmp_path / "clips")
    assert outcome.promoted and outcome.comparison.held_out_groups == 2
    assert outcome.comparison.held_out_push_offs == 8
    champion = load_champion(services)
    assert champion.version == outcome.version
    assert champion.model.trained_on == {video_id_of(path) for path in paths}
    assert champion.model.card.backbone_of == "initial"
    assert champion.model.card.scorecard.footage == "synthetic"


def test_clips_stay_and_are_learnt_from_again(services, tmp_path):
    """A second folder adds to the first; a deleted clip is not learnt from; a person may promote
    later."""
    [first] = clips(services, tmp_path / "first", "ana")
    [second] = clips(services, tmp_path / "second", "ben")
    store(services, tmp_path / "first")
    both = train(services, tmp_path / "second")
    assert set(load_truths(services.storage)) == {video_id_of(first), video_id_of(second)}
    assert load_champion(services).model.trained_on == set(load_truths(services.storage))
    delete_video(services.storage, video_id_of(first))
    outcome = train(services, promote=False)
    assert not outcome.promoted and load_champion(services).version == both.version
    assert services.registry.get(outcome.version).scorecard.groups == (video_id_of(second),)


def test_nothing_is_stored_before_every_label_fits_its_clip(services, tmp_path):
    """An events.json of other files is refused as a whole."""
    clips(services, tmp_path / "good", "ana")
    clips(services, tmp_path / "wrong", "ben", frames=90)
    with refused(BadInput, "labels_of_another_video"):
        train(services, tmp_path / "good", tmp_path / "wrong")
    assert list_videos(services.storage) == [] and load_truths(services.storage) == {}
    with pytest.raises(BadInput):
        train(services, tmp_path / "nowhere")
    with refused(TooFewLabels, "too_few"):
        train(services)


def test_a_video_that_is_ingested_already_keeps_its_project(services, tmp_path):
    """Corrections and tasks still find it; what the events.json says of it counts."""
    [path] = clips(services, tmp_path / "clips", "ana", exercise="hops")
    add_video(
        services.storage, path, athlete="Ana B.", exercise=Exercise.TRIPLE, capture_fps=240,
        project_id=7,
    )  # fmt: skip
    store(services, tmp_path / "clips")
    video = load_video(services.storage, video_id_of(path))
    assert (video.project_id, video.athlete, video.exercise) == (7, "ana", Exercise.HOPS)
    assert video.capture_fps == 30


def test_what_an_events_json_does_not_say_is_kept_or_assumed(services, tmp_path):
    """The athlete and the rate of a stored video stay; an exercise that is no drill is no error."""
    [path, other] = clips(
        services, tmp_path / "clips", "ana", "ben", athlete=None, exercise="sprint",
        slow_motion=True,
    )  # fmt: skip
    add_video(
        services.storage,
        path,
        athlete="Ana",
        exercise=Exercise.TRIPLE,
        capture_fps=30,
    )
    store(services, tmp_path / "clips")
    video = load_video(services.storage, video_id_of(path))
    assert (video.athlete, video.exercise, video.capture_fps) == ("Ana", Exercise.TRIPLE, 30)
    new = load_video(services.storage, video_id_of(other))
    assert (new.athlete, new.exercise, new.capture_fps) == ("", Exercise.STEPS, 150)
