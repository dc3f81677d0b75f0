import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.backbone.network import Preprocessing
from pushoff.learning.backbone.training import TrainConfig, train
from pushoff.values import Split
from pushoff.video.athlete_finder import AthleteFinder
from pushoff.video.event_inputs import athlete_crop
from tests.unit.learning.learning_samples import dataset_of, image_of, refused
from tests.videos import athlete_picture

TINY = TrainConfig(weights="none", size_px=32, max_epochs=2, batch_size=8, threads=1, devices=1)


def weights(trained):
    """Every number of the network."""
    return list(trained.network.state_dict().values())


@pytest.fixture(scope="module")
def frames():
    """32 frames to fit, 16 to stop by, and 8 that must never be looked at."""
    return [
        *((frame, Split.TRAIN) for frame in dataset_of(32, 2)),
        *((frame, Split.VAL) for frame in dataset_of(16, 1, 100)),
        *((frame, Split.TEST) for frame in dataset_of(4, 0, 200)),
        *((frame, None) for frame in dataset_of(4, 2, 300)),
    ]


@pytest.fixture(scope="module")
def trained(frames, tmp_path_factory):
    """One small run, its progress and the frames it asked for."""
    loaded, reports = [], []

    def load(frame):
        loaded.append(frame.task_id)
        return image_of(frame)

    folder = tmp_path_factory.mktemp("run")
    config = dataclasses.replace(TINY, max_epochs=5)
    return train(frames, load, config, folder, reports.append), reports, loaded, folder


def test_a_trained_network_tells_the_classes_apart(trained, frames):
    """After a few epochs upright and lying bars are distinguished, in frames it never saw."""
    result, _, _, _ = trained
    held_out = [frame for frame, split in frames if split is Split.TEST]
    crops = np.stack([athlete_crop(image_of(frame), frame.box, TINY.size_px) for frame in held_out])
    pixels = torch.from_numpy(crops.transpose(0, 3, 1, 2).copy())
    with torch.inference_mode():
        logits = result.network.eval()(Preprocessing(TINY.size_px).normalize(pixels))
    labels = [int(frame.label) for frame in held_out]
    assert (logits.argmax(dim=1).numpy() == labels).mean() >= 0.75
    assert (result.initial_weights, result.notes) == ("random", ())
    assert [entry["epoch"] for entry in result.history] == list(range(1, len(result.history) + 1))


def test_held_out_frames_are_never_loaded(trained):
    """Training loads train and val images only, each once."""
    _, _, loaded, _ = trained
    assert sorted(loaded) == [*range(32), *range(100, 116)]


def test_progress_is_reported(trained):
    """Loading, starting and training in order, with epochs and numbers."""
    _, reports, _, _ = trained
    stages = [progress.stage for progress in reports]
    assert stages == sorted(stages, key=["loading", "starting", "training"].index)
    last = [progress for progress in reports if progress.stage == "training"][-1]
    assert last.done <= last.total == 5 and 0 <= last.val_f1 <= 1 and last.loss > 0


def test_a_finished_run_is_not_repeated(trained, frames):
    """Started again, no epoch is repeated and the same network comes out."""
    result, _, _, folder = trained
    config = dataclasses.replace(TINY, max_epochs=5)
    again = train(frames, image_of, config, folder)
    assert all(map(torch.equal, weights(again), weights(result)))
    assert again.history == result.history


def test_a_damaged_checkpoint_is_deleted(trained, frames, tmp_path):
    """Training starts again and ends."""
    train(frames, image_of, TINY, tmp_path)
    checkpoint = next(tmp_path.glob("checkpoint-*.ckpt"))
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    assert len(train(frames, image_of, TINY, tmp_path).history) == 2


def test_one_class_is_refused(frames, tmp_path):
    """Without push_offs in training, or in validation, it is refused."""
    only = [(one, split) for one, split in frames if one.label == 0 or split is Split.VAL]
    with refused(TooFewLabels, "one_class"):
        train(only, image_of, TINY, tmp_path)
    swap = {Split.TRAIN: Split.VAL, Split.VAL: Split.TRAIN}
    with refused(TooFewLabels, "one_class"):
        train([(one, swap.get(split)) for one, split in only], image_of, TINY, tmp_path)


def test_a_picture_without_a_box_is_searched_for_the_athlete(frames, tmp_path):
    """As in `/predict`: training sees the crop of the athlete who is found in it; where nobody is
    found it is left out, and the model card says so."""
    picture = athlete_picture()
    with AthleteFinder() as athletes:
        box = athletes.find(picture)
    boxed, found, nobody = (
        dataclasses.replace(frames[0][0], image_sha256=name * 64, box=own)
        for name, own in (("a", box), ("b", None), ("c", None))
    )
    pictures = {"a": picture, "b": picture, "c": np.zeros((90, 90, 3), np.uint8)}

    def load(frame):
        return pictures.get(frame.image_sha256[0], image_of(frame))

    results = []
    for example in (boxed, found):
        used = [*frames, (example, Split.TRAIN), (nobody, Split.VAL)]
        results.append(train(used, load, TINY, tmp_path / example.image_sha256))
    assert all(map(torch.equal, *map(weights, results)))
    assert [result.notes for result in results] == [("1 picture without an athlete left out",)] * 2


def test_without_any_athlete_there_is_nothing_to_train_on(frames, tmp_path):
    """Labels of pictures in which nobody is found do not count."""
    empty = [(dataclasses.replace(one, box=None), split) for one, split in frames]
    with refused(TooFewLabels, "one_class"):
        train(empty, lambda frame: np.zeros((90, 90, 3), np.uint8), TINY, tmp_path)


def test_divergence_is_refused(frames, tmp_path):
    """A learning rate that is too high gives no network."""
    with refused(ModelRefused, "diverged"):
        train(frames, image_of, dataclasses.replace(TINY, learning_rate=1e30), tmp_path)


def test_a_raising_progress_ends_the_run(frames, tmp_path):
    """A job that is cancelled stops between two steps."""

    def stop(progress):
        if progress.stage == "training":
            raise KeyError("cancelled")

    with pytest.raises(KeyError):
        train(frames, image_of, TINY, tmp_path, stop)


def test_out_of_memory_halves_the_batch(frames, tmp_path):
    """Training restarts with half the batch, and a note says so."""
    reported = []

    def run_out_once(progress):
        if progress.stage == "training" and not reported:
            reported.append(progress)
            raise torch.OutOfMemoryError

    result = train(frames, image_of, TINY, tmp_path, run_out_once)
    assert result.notes == ("batch 4",)
    assert not list(tmp_path.glob("out-of-memory-*"))


def test_the_time_limit_still_gives_a_network(frames, tmp_path):
    """A run out of time ends with the best epoch so far."""
    config = dataclasses.replace(TINY, max_epochs=50, minutes=1e-6)
    result = train(frames, image_of, config, tmp_path)
    assert len(result.history) == 1 and all(torch.isfinite(w).all() for w in weights(result))


def test_several_devices_train_one_network(frames, tmp_path):
    """Two processes share the frames in memory and leave one network, as two GPUs would."""
    reports = []
    config = dataclasses.replace(TINY, devices=2, accelerator="cpu", threads=1, max_epochs=1)
    result = train(frames, image_of, config, tmp_path, reports.append)
    assert len(result.history) == 1 and all(torch.isfinite(w).all() for w in weights(result))


@pytest.mark.parametrize(
    "module",
    [
        "evaluation.promotion",
        "evaluation.metrics",
        "data.dataset",
        "registry.registry",
        "registry.model_card",
        "model.champion",
        "starter",
    ],
)
def test_light_modules_load_no_torch(module):
    """The command line and the health page start without torch, mlflow, lightning and cv2."""
    code = (
        f"import sys, pushoff.learning.{module}; "
        "print([m for m in ('torch', 'mlflow', 'lightning', 'cv2') if m in sys.modules])"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=Path(__file__).parents[4],
    )
    assert out.stdout == "[]\n", out.stderr
