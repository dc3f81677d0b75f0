"""A training run, read top to bottom: crops into memory, fit, calibrate, save.

Killed at any moment and started again with the same frames, settings and folder, it goes on from
the last finished epoch.
"""

import dataclasses
import hashlib
import json
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.data.dataset import DatasetFrame, label_weights
from pushoff.learning.evaluation.calibration import (
    apply_temperature,
    fit_temperature,
    shrunk_threshold,
)
from pushoff.learning.frame.classifier import CLASSES, FrameClassifier, crop_and_resize, save_model
from pushoff.learning.frame.progress import progress_relay
from pushoff.learning.network import Preprocessing
from pushoff.learning.pretrained import build_network, load_strict, read_tensors
from pushoff.learning.registry.model_card import code_version
from pushoff.util.atomic_write import remove_temporary_files
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.values import Label, ModelCard, Split

ImageLoader = Callable[[DatasetFrame], np.ndarray]
"""The frame's whole image, (H, W, 3) uint8 RGB, upright."""
CHOOSE_FROM = 10
"""Push-offs in validation from which it may choose an epoch. With two of them the second epoch of
forty looked perfect by luck; the schedule's end is then the better guess."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainConfig:
    """One run's settings; the defaults of the numbers are those of `Settings`."""

    architecture: str = "resnet18"
    weights: str = "imagenet"
    """`imagenet`, `none` or a .safetensors file."""
    size_px: int = 160
    max_epochs: int = 30
    patience: int = 6
    batch_size: int = 16
    """Per device; halved by itself when memory runs out."""
    learning_rate: float = 1e-3
    minutes: float = 60.0
    """Wall-time limit; the best epoch until then is kept."""
    seed: int = 1
    accepted_weight: float = 0.5
    """How much a suggestion accepted as it was counts in the loss; a person's own label is 1."""
    dataset_fingerprint: str = ""
    threads: int = 0
    """CPU threads; 0: all cores, less one from four cores on."""
    accelerator: str = "auto"
    """`cpu`, `cuda`, or the best there is."""
    devices: int = 0
    """How many of them; 0: all GPUs, one CPU."""


@dataclass(frozen=True)
class Trained:
    """What a run leaves behind."""

    model_dir: Path
    card: ModelCard
    """Without a scorecard: that is for held-out frames."""
    history: tuple[dict[str, float], ...]
    """One entry per epoch: epoch, loss, val_loss, val_average_precision, val_f1."""


def train(
    frames: Sequence[DatasetFrame],
    load_image: ImageLoader,
    config: TrainConfig,
    run_dir: Path,
    on_progress: OnProgress = ignore_progress,
) -> Trained:
    """Train on the frames marked train, stop and calibrate on those marked val.

    Frames of any other split are never looked at. What `on_progress` raises ends the run. Raises
    TooFewLabels, ModelRefused (weights that do not fit, a diverging loss) or StorageFailed.
    """
    fit_frames = [frame for frame in frames if frame.split is Split.TRAIN]
    val_frames = [frame for frame in frames if frame.split is Split.VAL]
    _check(fit_frames, val_frames)
    run_dir.mkdir(parents=True, exist_ok=True)
    remove_temporary_files(run_dir)
    threads = config.threads or _threads()
    torch.set_num_threads(threads)
    torch.manual_seed(config.seed)
    crops = _crops(fit_frames + val_frames, load_image, config.size_px, threads, on_progress)
    fit_crops, val_crops = crops[: len(fit_frames)], crops[len(fit_frames) :]
    on_progress(Progress("starting", 0, config.max_epochs, "epoch", step=0))
    network, initial, note = build_network(config.architecture, config.weights)
    key = _key(config, initial, fit_frames + val_frames)
    best = run_dir / f"best-{key}.safetensors"
    batch = config.batch_size
    while True:
        try:
            history = _fit(
                network,
                initial,
                _tensors(fit_crops, fit_frames, config.accepted_weight),
                _tensors(val_crops, val_frames, config.accepted_weight),
                dataclasses.replace(config, batch_size=batch),
                run_dir,
                key,
                on_progress,
            )
            break
        except RuntimeError as error:
            if "out of memory" not in str(error).lower() or batch <= 2:
                raise
            batch //= 2
            _log.warning("out of memory: training starts again with batches of %d", batch)
            for leftover in run_dir.glob(f"*{key}*"):
                leftover.unlink(missing_ok=True)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            network, initial, note = build_network(config.architecture, config.weights)
    on_progress(Progress("calibrating", len(history), config.max_epochs, "epoch"))
    network = network.cpu()
    load_strict(network, read_tensors(best))
    notes = tuple(one for one in (note, batch < config.batch_size and f"batch {batch}") if one)
    card = _calibrated(network, _card(config, initial, notes), val_crops, val_frames)
    card = save_model(run_dir / "model", network, card)
    return Trained(run_dir / "model", card, tuple(history))


def _check(fit_frames: Sequence[DatasetFrame], val_frames: Sequence[DatasetFrame]) -> None:
    for name, part in (("training", fit_frames), ("validation", val_frames)):
        for label in Label:
            if not any(frame.label is label for frame in part):
                raise TooFewLabels(
                    f"no {label.choice} among the {len(part)} {name} frames: label more of them."
                )


def _threads() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, cores - 1 if cores >= 4 else cores)


def _crops(
    frames: Sequence[DatasetFrame],
    load_image: ImageLoader,
    size_px: int,
    threads: int,
    on_progress: OnProgress,
) -> np.ndarray:
    """(N, size, size, 3) uint8, decoded and cropped once: an epoch then costs only the network."""
    crops = np.empty((len(frames), size_px, size_px, 3), np.uint8)

    def one(row: int) -> None:
        crops[row] = crop_and_resize(load_image(frames[row]), frames[row].box, size_px)

    with ThreadPoolExecutor(threads) as pool:
        for done, _ in enumerate(pool.map(one, range(len(frames))), 1):
            if done % 25 == 0 or done == len(frames):
                on_progress(Progress("loading", done, len(frames), "frame"))
    return crops


def _key(config: TrainConfig, initial: str, frames: Sequence[DatasetFrame]) -> str:
    """Names this run's checkpoint: another dataset or setting never resumes from it."""
    same = dataclasses.asdict(config) | {"minutes": 0, "threads": 0, "initial": initial}
    rows = [frame.as_dict() for frame in frames]
    text = json.dumps([same, rows], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _fit(
    network: torch.nn.Module,
    initial: str,
    train_part: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    val_part: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
    config: TrainConfig,
    run_dir: Path,
    key: str,
    on_progress: OnProgress,
) -> list[dict[str, float]]:
    """Fit, or go on with a fit; the best weights are then in best-<key>.safetensors."""
    from pushoff.learning.frame.checkpointing import CheckpointCallback
    from pushoff.learning.frame.lightning_module import CropDataset, FrameModule, run_fit

    checkpoint = run_dir / f"checkpoint-{key}.ckpt"
    cuda = config.accelerator != "cpu" and torch.cuda.is_available()
    devices = config.devices or (torch.cuda.device_count() if cuda else 1)
    module = FrameModule(
        network,
        CropDataset(*train_part),
        CropDataset(*val_part),
        size_px=config.size_px,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        max_epochs=config.max_epochs,
        seed=config.seed,
        coarse_first=initial == "random",
    )
    choose = int((val_part[1] == Label.PUSH_OFF).sum()) >= CHOOSE_FROM
    with progress_relay(on_progress, run_dir if devices > 1 else None) as relayed:
        keeper = CheckpointCallback(
            checkpoint,
            run_dir / f"best-{key}.safetensors",
            config.patience if choose else None,
            config.minutes * 60,
            relayed,
        )
        run_fit(
            module,
            keeper,
            max_epochs=config.max_epochs,
            folder=run_dir,
            resume=_usable(checkpoint),
            accelerator="cuda" if cuda else "cpu",
            devices=devices,
        )
    return json.loads(checkpoint.with_suffix(".json").read_text())


def _tensors(
    crops: np.ndarray, frames: Sequence[DatasetFrame], accepted_weight: float
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(N, 3, S, S) uint8, (N,) int64 and (N,) float32."""
    pixels = torch.from_numpy(np.ascontiguousarray(crops.transpose(0, 3, 1, 2)))
    labels = torch.tensor([int(frame.label) for frame in frames])
    return pixels, labels, torch.from_numpy(label_weights(frames, accepted_weight))


def _usable(checkpoint: Path) -> Path | None:
    """The checkpoint if it can be read; a damaged one is set aside and training starts anew."""
    if not checkpoint.exists():
        return None
    try:
        torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # any damage means the same: start anew
        _log.warning("checkpoint %s is damaged (%s): training starts anew", checkpoint, error)
        checkpoint.unlink(missing_ok=True)
        return None
    return checkpoint


def _card(config: TrainConfig, initial: str, notes: tuple[str, ...]) -> ModelCard:
    preprocessing = Preprocessing(config.size_px)
    return ModelCard(
        architecture=config.architecture,
        size_px=config.size_px,
        mean=preprocessing.mean,
        std=preprocessing.std,
        classes=CLASSES,
        threshold=0.5,
        temperature=1.0,
        initial_weights=initial,
        dataset_fingerprint=config.dataset_fingerprint,
        scorecard=None,
        weights_sha256="",
        seed=config.seed,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        code_version=code_version(),
        notes=notes,
    )


def _calibrated(
    network: torch.nn.Module, card: ModelCard, crops: np.ndarray, frames: Sequence[DatasetFrame]
) -> ModelCard:
    """The card with temperature and threshold learnt on validation. Raises ModelRefused."""
    classifier = FrameClassifier(network, card, "cpu")
    p = np.concatenate(
        [classifier.predict_crops(crops[i : i + 64]) for i in range(0, len(crops), 64)]
    )
    if not np.isfinite(p).all():
        raise ModelRefused("the trained network gives numbers that are not finite")
    y = np.array([int(frame.label) for frame in frames])
    temperature = fit_temperature(p, y)
    return dataclasses.replace(
        card,
        temperature=temperature,
        threshold=shrunk_threshold(apply_temperature(p, temperature), y),
    )
