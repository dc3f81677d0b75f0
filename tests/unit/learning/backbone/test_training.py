import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.backbone.training import TrainConfig, train
from pushoff.learning.frame.classifier import load_model
from pushoff.values import Split
from tests.unit.learning.learning_samples import dataset_of, image_of, refused

TINY = TrainConfig(weights="none", size_px=32, max_epochs=2, batch_size=8, threads=1, devices=1,
                   dataset_fingerprint="f" * 64)  # fmt: skip


@pytest.fixture(scope="module")
def frames():
    """32 frames to fit, 16 to stop by, 4 that must never be looked at."""
    return [
        *dataset_of(32, Split.TRAIN),
        *dataset_of(16, Split.VAL, 100),
        *dataset_of(4, Split.TEST, 200),
    ]


@pytest.fixture(scope="module")
def trained(frames, tmp_path_factory):
    """One small run, its progress and the frames it asked for."""
    loaded, reports = [], []

    def load(frame):
        loaded.append(frame.split)
        return image_of(frame)

    folder = tmp_path_factory.mktemp("run")
    config = dataclasses.replace(TINY, max_epochs=5)
    return train(frames, load, config, folder, reports.append), reports, loaded, folder


def test_training_gives_a_model(trained, frames):
    """After a few epochs upright and lying bars are distinguished."""
    result, _, _, _ = trained
    model = load_model(result.model_dir, "cpu")
    held_out = [one for one in frames if one.split is Split.TEST]
    p = model.predict([image_of(one) for one in held_out])
    assert ((p >= model.card.threshold) == [bool(one.label) for one in held_out]).mean() >= 0.75
    assert model.card == result.card
    assert model.card.initial_weights == "random" and model.card.dataset_fingerprint == "f" * 64
    assert [entry["epoch"] for entry in result.history] == list(range(1, len(result.history) + 1))


def test_held_out_frames_are_never_loaded(trained):
    """Training loads train and val images only, each once."""
    _, _, loaded, _ = trained
    assert loaded.count(Split.TRAIN) == 32 and loaded.count(Split.VAL) == 16
    assert Split.TEST not in loaded


def test_progress_is_reported(trained):
    """Loading, training and calibrating in order, with epochs and numbers."""
    _, reports, _, _ = trained
    stages = [progress.stage for progress in reports]
    assert stages == sorted(stages, key=["loading", "starting", "training", "calibrating"].index)
    last = [progress for progress in reports if progress.stage == "training"][-1]
    assert last.done <= last.total == 5 and 0 <= last.val_f1 <= 1 and last.loss > 0


def test_a_finished_run_is_not_repeated(trained, frames):
    """Started again, no epoch is repeated and the same model comes out."""
    result, _, _, folder = trained
    config = dataclasses.replace(TINY, max_epochs=5)
    again = train(frames, image_of, config, folder)
    assert again.card.weights_sha256 == result.card.weights_sha256
    assert again.history == result.history


def test_a_damaged_checkpoint_is_deleted(trained, frames, tmp_path):
    """Training starts again and ends."""
    train(frames, image_of, TINY, tmp_path)
    checkpoint = next(tmp_path.glob("checkpoint-*.ckpt"))
    checkpoint.write_bytes(checkpoint.read_bytes()[:1000])
    assert len(train(frames, image_of, TINY, tmp_path).history) == 2


def test_one_class_is_refused(frames, tmp_path):
    """Without push_offs in training it is refused."""
    only = [one for one in frames if one.label == 0 or one.split is Split.VAL]
    with refused(TooFewLabels, "one_class"):
        train(only, image_of, TINY, tmp_path)


def test_divergence_is_refused(frames, tmp_path):
    """A learning rate that is too high leaves no model."""
    with refused(ModelRefused, "diverged"):
        train(frames, image_of, dataclasses.replace(TINY, learning_rate=1e30), tmp_path)
    assert not (tmp_path / "model").exists()


def test_a_raising_progress_ends_the_run(frames, tmp_path):
    """A job that is cancelled stops between two steps."""

    def stop(progress):
        if progress.stage == "training":
            raise KeyError("cancelled")

    with pytest.raises(KeyError):
        train(frames, image_of, TINY, tmp_path, stop)


def test_out_of_memory_halves_the_batch(frames, tmp_path):
    """Training restarts with half the batch, and the card says so."""
    reported = []

    def run_out_once(progress):
        if progress.stage == "training" and not reported:
            reported.append(progress)
            raise torch.OutOfMemoryError

    result = train(frames, image_of, TINY, tmp_path, run_out_once)
    assert result.card.notes == ("batch 4",)
    assert not list(tmp_path.glob("out-of-memory-*"))


def test_the_time_limit_still_gives_a_model(frames, tmp_path):
    """A run out of time ends with the best epoch so far."""
    config = dataclasses.replace(TINY, max_epochs=50, minutes=1e-6)
    result = train(frames, image_of, config, tmp_path)
    assert len(result.history) == 1 and load_model(result.model_dir)


def test_several_devices_train_one_model(frames, tmp_path):
    """Two processes share the frames in memory and leave one model, as two GPUs would."""
    reports = []
    config = dataclasses.replace(TINY, devices=2, accelerator="cpu", threads=1, max_epochs=1)
    result = train(frames, image_of, config, tmp_path, reports.append)
    assert len(result.history) == 1 and load_model(result.model_dir)


@pytest.mark.parametrize(
    "module",
    [
        "evaluation.promotion",
        "evaluation.metrics",
        "data.dataset",
        "registry.registry",
        "registry.model_card",
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
