"""backend/prediction.py: one item per task, in order."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from backend.label_studio_protocol import read_task
from backend.metrics import Metrics
from backend.model_cache import ChampionCache, ServedModel
from backend.prediction import MAX_LOGGED_FAILURES, Predictor
from backend.task_crops import FETCH_THREADS
from pushoff.errors import StorageFailed
from pushoff.learning.model.frame_suggestion import NO_ATHLETE
from pushoff.learning.model.out_of_distribution import NoveltyDetector
from pushoff.learning.starter import RULES
from pushoff.storage.feature_store import Crop, FeatureStore
from pushoff.storage.kept_features import KeptFeatures
from pushoff.storage.object_store import Storage
from pushoff.storage.video_predictions import VideoPredictions, save_video_predictions
from pushoff.storage.videos import add_video
from pushoff.studio.config.label_config import parse_label_config
from pushoff.values import Box, Exercise
from pushoff.video.event_inputs import athlete_crop
from tests.integration.backend_server import LABEL_CONFIG, task
from tests.models import save_tiny_model, tiny_model
from tests.unit.backend.made_images import Images
from tests.unit.backend.memory_registry import MemoryRegistry, eventually

INTERFACE = parse_label_config(LABEL_CONFIG)
WITH_REASON = parse_label_config(
    LABEL_CONFIG.replace(
        "</View>", '<TextArea name="reason" toName="pic" editable="false"/></View>'
    )
)


@pytest.fixture
def images() -> Images:
    return Images()


@pytest.fixture
def registry(models: dict[str, Path]) -> MemoryRegistry:
    return MemoryRegistry(dict(models), "one")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path / "storage"))


@pytest.fixture
def predictor(
    registry: MemoryRegistry, tmp_path: Path, storage: Storage, images: Images
) -> Iterator[Predictor]:
    cache = ChampionCache(lambda: registry, tmp_path / "c", tmp_path / "n", Metrics(), poll_s=0.05)
    cache.start()
    made = Predictor(cache, lambda: storage, lambda: images, cache._metrics)
    yield made
    made.close()
    cache.stop()


@pytest.fixture
def ask(predictor: Predictor) -> Callable[..., list[dict[str, object]]]:
    def predict(
        *tasks: object, seconds: float = 60, interface: object = INTERFACE
    ) -> list[dict[str, object]]:
        return predictor.predict(tasks, interface, time.monotonic() + seconds)

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


@pytest.mark.parametrize("registry", [MemoryRegistry()])
def test_without_a_champion_the_rules_answer_for_videos(
    registry: MemoryRegistry,
    ask: Callable[..., list[dict]],
    storage: Storage,
    tmp_path: Path,
    predictor: Predictor,
) -> None:
    """As published, under the rules' name, for the frames they were stored for."""
    path = tmp_path / "video.mp4"
    path.write_bytes(b"a video")
    video_id = add_video(storage, path, athlete="ada", exercise=Exercise.HOPS).video_id
    found = VideoPredictions(RULES, ((1, 0.96),), (0.02, 0.58), (1,))
    save_video_predictions(storage, video_id, found)
    frames = [task(n, "refused", video_id=video_id, frame_index=n) for n in (1, 0, 2)]
    *items, outside, alone = ask(*frames, task(4, "1"), interface=WITH_REASON)
    assert [item["result"][0]["value"]["choices"] for item in items] == [["yes"], ["Not push off"]]
    assert items[0]["result"][1]["value"] == {
        "text": ["push_off 0.58 by fixed rules. Ctrl+Enter accepts."]
    }
    assert {item["model_version"] for item in items} == {RULES}
    assert outside == alone == {"model_version": "no-model-yet"}
    text = predictor._metrics.render(None).decode()
    for outcome in ("answered", "no_model"):
        assert f'pushoff_predictions_total{{outcome="{outcome}"}} 2.0' in text


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
    """Another box is another picture."""
    one, other = ask(task(1, "1"), task(1, "1", box=[0, 0, 9, 9]))
    assert one["score"] != other["score"]


def test_a_picture_without_an_athlete_has_no_suggestion(
    ask: Callable[..., list[dict]], predictor: Predictor
) -> None:
    """Without a valid box nobody is found in noise; the line says so, where there is one, and the
    score puts it last."""
    tasks = [task(1, "1", box=None), task(2, "1"), task(3, "1", box="x")]
    assert [("result" in item) for item in ask(*tasks)] == [False, True, False]
    first, _, last = ask(*tasks, interface=WITH_REASON)
    for item in (first, last):
        [region] = item["result"]
        assert region["value"] == {"text": ["No suggestion: no athlete was found in the picture."]}
        assert (item["model_version"], item["score"]) == ("one", 1)
    text = predictor._metrics.render(None).decode()
    assert 'pushoff_predictions_total{outcome="no_suggestion"} 4.0' in text


class Served:
    """A cache with a fixed model."""

    def __init__(self, served: ServedModel) -> None:
        self.served = served

    def get(self, wait_s: float) -> ServedModel:
        """At once."""
        return self.served


def test_a_picture_unlike_everything_learnt_has_no_suggestion(
    storage: Storage, images: Images
) -> None:
    """No choice is preselected, and the line says why."""
    detector = NoveltyDetector(np.zeros((1, 512), np.float16), 0.0, frame_limit=0.0)
    model = dataclasses.replace(tiny_model(), novelty_detector=detector)
    champion = Served(ServedModel("new", model))
    predictor = Predictor(champion, lambda: storage, lambda: images, Metrics())
    [item] = predictor.predict([task(1, "1")], WITH_REASON, time.monotonic() + 60)
    predictor.close()
    [region] = item["result"]
    assert region["value"] == {"text": ["No suggestion: unlike everything labelled so far."]}


@pytest.fixture(scope="module")
def video_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model with a sequence head."""
    folder = tmp_path_factory.mktemp("video-model") / "three"
    save_tiny_model(folder, seed=3, sequence=True)
    return folder


@pytest.fixture
def video_id(storage: Storage, tmp_path: Path, registry: MemoryRegistry, video_model: Path) -> str:
    """A stored video, of which the served version `three` has found a push-off in frame 2."""
    registry.folders["three"], registry.champion_version = video_model, "three"
    path = tmp_path / "video.mp4"
    path.write_bytes(b"a video")
    video_id = add_video(storage, path, athlete="ada", exercise=Exercise.HOPS).video_id
    found = VideoPredictions("three", ((2, 0.9),), (0.05, 0.3, 0.85), (2,))
    save_video_predictions(storage, video_id, found)
    return video_id


def test_a_frame_of_a_video_gets_what_was_found_in_the_video(
    ask: Callable[..., list[dict]], predictor: Predictor, video_id: str
) -> None:
    """Whatever its image shows, also where it cannot be read; in order among other tasks."""
    assert eventually(lambda: predictor._champion.version() == "three")
    frames = [task(n, "refused", video_id=video_id, frame_index=n) for n in (2, 0, 1)]
    other = task(9, "1", video_id=video_id, frame_index=3)
    items = ask(frames[0], task(8, "1"), *frames[1:], other)
    labels = [item["result"][0]["value"]["choices"] for item in items]
    assert [labels[0], *labels[2:4]] == [["yes"], ["Not push off"], ["Not push off"]]
    confidences = [items[row]["result"][0]["score"] for row in (0, 2, 3)]
    assert confidences == pytest.approx([0.85, 0.95, 0.7])
    assert items[0]["score"] == pytest.approx(0.7)
    assert items[1]["score"] == items[4]["score"], "outside the video the picture is judged"
    assert {item["model_version"] for item in items} == {"three"}


def test_while_the_storage_is_down_a_frame_of_a_video_has_no_result(
    ask: Callable[..., list[dict]],
    predictor: Predictor,
    video_id: str,
) -> None:
    """Another answer would stay in Label Studio; other pictures are answered."""

    class Down:
        """A bucket that does not answer."""

        def __getattr__(self, name: str) -> object:
            raise StorageFailed("the bucket does not answer")

    assert eventually(lambda: predictor._champion.version() == "three")
    predictor._open_storage = Down
    items = ask(task(1, "1", video_id=video_id, frame_index=1), task(2, "1"))
    assert [("result" in item) for item in items] == [False, True]
    text = predictor._metrics.render(None).decode()
    assert 'pushoff_predictions_total{outcome="unavailable"} 1.0' in text


def test_videos_are_not_looked_up_after_the_deadline(
    ask: Callable[..., list[dict]], predictor: Predictor, video_id: str
) -> None:
    """Their frames have no result; Label Studio asks again."""
    assert eventually(lambda: predictor._champion.version() == "three")
    items = ask(task(1, "1", video_id=video_id, frame_index=1), task(2, "1"), seconds=-1)
    assert items == [{"model_version": "three"}] * 2
    text = predictor._metrics.render(None).decode()
    assert 'pushoff_predictions_total{outcome="timed_out"} 2.0' in text


def test_a_picture_whose_features_are_kept_is_not_read_again(
    ask: Callable[..., list[dict]], predictor: Predictor, storage: Storage
) -> None:
    """The answer is that of the kept features, the same as of the picture; so is that of one in
    which a worker found nobody."""
    [of_picture] = ask(task(1, "1"))
    served = predictor._champion.get(60)
    crop = athlete_crop(predictor._crops._open_fetcher().image("1", 1), Box(0, 0, 48, 48),
                        served.model.extractor.size_px)  # fmt: skip
    features = served.model.extractor.extract(crop[None])
    known = read_task(task(1, "refused"), "frame").frame
    nobody = read_task(task(2, "refused", box=None), "frame").frame
    store = FeatureStore(storage, served.model.extractor.fingerprint)
    store.save_images([known, nobody], np.concatenate([features] * 2), [Crop.GIVEN, Crop.NOBODY])
    predictor._kept = KeptFeatures(lambda: storage)
    items = ask(task(1, "refused"), task(2, "refused", box=None), interface=WITH_REASON)
    assert items[0]["score"] == pytest.approx(of_picture["score"], abs=1e-5)
    assert items[1]["result"][0]["value"] == {"text": [NO_ATHLETE]}


@pytest.mark.logs_errors
def test_a_picture_on_which_the_network_fails_spoils_no_other_request(
    storage: Storage, images: Images
) -> None:
    """Requests of several clients are computed together, and each has its own outcome."""
    model = tiny_model()
    extract = model.extractor.extract

    class Fails:
        """An extractor that fails on dark pictures."""

        size_px, fingerprint = model.extractor.size_px, model.extractor.fingerprint

        def extract(self, crops: np.ndarray) -> np.ndarray:
            """As the real one."""
            if (crops.mean(axis=(1, 2, 3)) < 1).any():
                raise ZeroDivisionError("dark")
            return extract(crops)

    champion = Served(ServedModel("new", dataclasses.replace(model, extractor=Fails())))
    predictor = Predictor(champion, lambda: storage, lambda: images, Metrics())
    until = time.monotonic() + 60
    with ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(predictor.predict, [task(1, address)], INTERFACE, until)
            for address in ("1", "dark", "2", "3", "dark", "4", "5", "6")
        ]
        answered = ["result" in one.result()[0] for one in asked]
    predictor.close()
    assert answered == [True, False, True, True, False, True, True, True]


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
