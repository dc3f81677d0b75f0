"""Training of a backbone on labelled frames: crops into memory, then the fit.

A run that was killed continues from its last checkpoint when it is started again with the same
frames, settings and folder.
"""

import dataclasses
import hashlib
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from pushoff.errors import TooFewLabels
from pushoff.learning.backbone.pretrained import build_network
from pushoff.learning.data.manifest import DatasetFrame, label_weights
from pushoff.util.atomic_write import remove_temporary_files
from pushoff.util.canonical_json import canonical_json
from pushoff.util.plurals import count_noun
from pushoff.util.progress import OnProgress, Progress, ignore_progress
from pushoff.values import Label, Split
from pushoff.video.athlete_finder import AthleteFinder
from pushoff.video.event_inputs import athlete_crop

if TYPE_CHECKING:
    from torchvision.models import ResNet

    from pushoff.learning.backbone.lightning_module import CropDataset

ImageLoader = Callable[[DatasetFrame], np.ndarray]
"""The frame's whole image, (H, W, 3) uint8 RGB, upright."""
MIN_VAL_PUSH_OFFS = 10
"""Push-offs in validation from which it may choose an epoch. With two, the second epoch of forty
was perfect by luck; the end of the schedule is then the better choice."""
MIN_BATCH = 2
_LOADING_STEP = 25
"""Progress is reported once for this many loaded frames."""
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
    """Epochs without improvement after which training stops."""
    batch_size: int = 16
    """Per device; halved when memory runs out."""
    learning_rate: float = 1e-3
    minutes: float = 60.0
    """Wall-time limit; the best epoch until then is used."""
    seed: int = 1
    accepted_weight: float = 0.5
    """Weight of an accepted suggestion in the loss; a person's own label has 1."""
    threads: int = 0
    """CPU threads; 0: all cores, one less from four cores on."""
    accelerator: str = "auto"
    """`cpu`, `cuda`, or the best there is."""
    devices: int = 0
    """How many of them; 0: all GPUs, one CPU."""


@dataclass(frozen=True, eq=False)
class Trained:
    """The result of a run."""

    network: "ResNet"
    """On the CPU, with the best epoch's weights. Its last layer served the training only."""
    initial_weights: str
    """`imagenet`, `file:<name>` or `random`."""
    notes: tuple[str, ...]
    """What was not as asked for, for the model card."""
    history: tuple[dict[str, float], ...]
    """One entry per epoch: epoch, loss, val_loss, val_average_precision, val_f1."""


def train(
    frames: Sequence[tuple[DatasetFrame, Split | None]],
    load_image: ImageLoader,
    config: TrainConfig,
    run_dir: Path,
    on_progress: OnProgress = ignore_progress,
) -> Trained:
    """Train on the frames of split train; choose the epoch on those of split val.

    Each is cropped as in `/predict` and in the features of the heads: to its box, else to the
    athlete who is found in its image. Where nobody is found it is left out. Frames of any other
    split are never loaded. What `on_progress` raises ends the run. Raises TooFewLabels,
    ModelRefused (weights that do not fit, a diverging loss), StorageFailed, and SettingWrong when
    the pose model cannot be opened.
    """
    from pushoff.learning.backbone.fit import OutOfMemory, RunFiles, fit_network

    train_frames = [frame for frame, split in frames if split is Split.TRAIN]
    val_frames = [frame for frame, split in frames if split is Split.VAL]
    _require_both_classes(train_frames, "training")
    _require_both_classes(val_frames, "validation")
    run_dir.mkdir(parents=True, exist_ok=True)
    remove_temporary_files(run_dir)
    threads = config.threads or _default_threads()
    torch.set_num_threads(threads)
    torch.manual_seed(config.seed)
    crops = _load_crops(train_frames + val_frames, load_image, config.size_px, threads, on_progress)
    count, weight = len(train_frames), config.accepted_weight
    train_frames, train_set = _crop_dataset(train_frames, crops[:count], "training", weight)
    val_frames, val_set = _crop_dataset(val_frames, crops[count:], "validation", weight)
    left_out = len(crops) - len(train_frames) - len(val_frames)
    del crops

    on_progress(Progress("starting", 0, config.max_epochs, "epoch", step=0))
    attempt = config
    while True:
        network, initial_weights, note = build_network(config.architecture, config.weights)
        files = RunFiles(run_dir, _run_key(config, initial_weights, train_frames + val_frames))
        coarse_first = initial_weights == "random"
        try:
            history = fit_network(
                network, train_set, val_set, attempt, files, on_progress, coarse_first=coarse_first
            )
            break
        except OutOfMemory:
            if attempt.batch_size <= MIN_BATCH:
                raise
            attempt = dataclasses.replace(attempt, batch_size=attempt.batch_size // 2)
            _log.warning("out of memory: restarting with batches of %d", attempt.batch_size)
            files.delete()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    notes = [note] if note else []
    if left_out:
        notes.append(f"{count_noun(left_out, 'picture')} without an athlete left out")
    if attempt.batch_size < config.batch_size:
        notes.append(f"batch {attempt.batch_size}")
    return Trained(network, initial_weights, tuple(notes), tuple(history))


def _require_both_classes(frames: Sequence[DatasetFrame], name: str) -> None:
    for label in Label:
        if not any(frame.label is label for frame in frames):
            raise TooFewLabels(
                f"There is no {label.choice} among the {len(frames)} {name} frames.",
                code="one_class",
                remedy="Label more frames.",
            )


def _default_threads() -> int:
    affinity = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ()
    cores = len(affinity) or os.cpu_count() or 1
    return max(1, cores - 1 if cores >= 4 else cores)


def _load_crops(
    frames: Sequence[DatasetFrame],
    load_image: ImageLoader,
    size_px: int,
    threads: int,
    on_progress: OnProgress,
) -> list[np.ndarray | None]:
    """(3, size, size) uint8 RGB of each frame's athlete; None where nobody is found.

    Decoded and cropped once: an epoch then costs only the network.
    """
    crops: list[np.ndarray | None] = []
    with AthleteFinder() as athletes, ThreadPoolExecutor(threads) as pool:

        def load(frame: DatasetFrame) -> np.ndarray | None:
            image = load_image(frame)
            box = frame.box or athletes.find(image)
            return None if box is None else athlete_crop(image, box, size_px).transpose(2, 0, 1)

        for crop in pool.map(load, frames):
            crops.append(crop)
            if len(crops) % _LOADING_STEP == 0 or len(crops) == len(frames):
                on_progress(Progress("loading", len(crops), len(frames), "frame"))
    return crops


def _crop_dataset(
    frames: Sequence[DatasetFrame],
    crops: Sequence[np.ndarray | None],
    name: str,
    accepted_weight: float,
) -> "tuple[list[DatasetFrame], CropDataset]":
    """The frames that have a crop, also as examples. Raises TooFewLabels."""
    from pushoff.learning.backbone.lightning_module import CropDataset

    pairs = [(frame, crop) for frame, crop in zip(frames, crops, strict=True) if crop is not None]
    used = [frame for frame, _ in pairs]
    _require_both_classes(used, name)
    pixels = torch.from_numpy(np.stack([crop for _, crop in pairs]))  # (N, 3, S, S)
    labels = torch.tensor([int(frame.label) for frame in used])
    weights = torch.from_numpy(label_weights(used, accepted_weight))
    return used, CropDataset(pixels, labels, weights)


def _run_key(config: TrainConfig, initial_weights: str, frames: Sequence[DatasetFrame]) -> str:
    """12 hex digits that name a run's files: other frames or settings never resume from them."""
    settings = dataclasses.asdict(config) | {"minutes": 0, "threads": 0}
    content = {
        "settings": settings,
        "initial_weights": initial_weights,
        "frames": [frame.as_dict() for frame in frames],
    }
    return hashlib.sha256(canonical_json(content)).hexdigest()[:12]
