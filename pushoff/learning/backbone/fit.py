"""Fits a backbone with Lightning, on one device or several; resumes after a kill.

Imported only while training: lightning is heavy. Why Lightning:
docs/decisions/0013-training-loop.md."""

import logging
import signal
import threading
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import lightning
import torch

from pushoff.errors import PushoffError
from pushoff.learning.backbone.callbacks import (
    AtomicCheckpointIO,
    callbacks,
    load_history,
    load_network_weights,
)
from pushoff.learning.backbone.lightning_module import CropDataset, FrameModule
from pushoff.learning.backbone.pretrained import load_strict
from pushoff.learning.backbone.progress import progress_relay
from pushoff.learning.backbone.training import MIN_VAL_PUSH_OFFS, TrainConfig
from pushoff.util.progress import OnProgress
from pushoff.values import Label

if TYPE_CHECKING:
    from torchvision.models import ResNet

_log = logging.getLogger(__name__)


class OutOfMemory(PushoffError):
    """The accelerator's memory is too small for this batch size."""


@dataclass(frozen=True)
class RunFiles:
    """The files of one run, named by the content of its data set and settings."""

    folder: Path
    key: str

    @property
    def checkpoint(self) -> Path:
        """The latest state, for resuming."""
        return self.folder / f"checkpoint-{self.key}.ckpt"

    @property
    def best(self) -> Path:
        """The weights with the best validation score."""
        return self.folder / f"best-{self.key}.ckpt"

    @property
    def out_of_memory(self) -> Path:
        """Exists after memory ran out in a training step."""
        return self.folder / f"out-of-memory-{self.key}"

    def delete(self) -> None:
        """Remove all of them."""
        for path in (self.checkpoint, self.best, self.out_of_memory):
            path.unlink(missing_ok=True)


def fit_network(
    network: "ResNet",
    train: CropDataset,
    val: CropDataset,
    config: TrainConfig,
    files: RunFiles,
    on_progress: OnProgress,
    *,
    coarse_first: bool,
) -> list[dict[str, float]]:
    """Fit `network`, or continue an interrupted fit, and load its best weights. Returns the
    history.

    The weights are the last ones where validation has fewer than MIN_VAL_PUSH_OFFS. `coarse_first`
    as in FrameModule. Raises OutOfMemory, ModelRefused when the loss diverges, and what
    `on_progress` raises.
    """
    cuda = config.accelerator != "cpu" and torch.cuda.is_available()
    devices = config.devices or (torch.cuda.device_count() if cuda else 1)
    module = FrameModule(
        network,
        train,
        val,
        size_px=config.size_px,
        batch_size=config.batch_size,
        learning_rate=config.learning_rate,
        max_epochs=config.max_epochs,
        seed=config.seed,
        coarse_first=coarse_first,
        out_of_memory=files.out_of_memory,
    )
    best = None
    if int((val.labels == Label.PUSH_OFF).sum()) >= MIN_VAL_PUSH_OFFS:
        best = files.best
    files.out_of_memory.unlink(missing_ok=True)
    resume = _readable(files.checkpoint)
    _ignore_profiling_signal()
    with progress_relay(on_progress, files.folder if devices > 1 else None) as relayed:
        trainer = _trainer(
            config.max_epochs,
            callbacks(
                module,
                files.checkpoint,
                best,
                max_epochs=config.max_epochs,
                patience=config.patience,
                limit_s=config.minutes * 60,
                on_progress=relayed,
            ),
            files.folder,
            "cuda" if cuda else "cpu",
            devices,
        )
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", module="lightning")
                warnings.filterwarnings("ignore", message=".*lr_scheduler.step.*")
                trainer.fit(module, ckpt_path=resume, weights_only=True)
        except Exception as error:
            if isinstance(error, torch.OutOfMemoryError) or files.out_of_memory.exists():
                raise OutOfMemory(f"Out of memory with batches of {config.batch_size}") from error
            raise
    load_strict(network.cpu(), load_network_weights(best or files.checkpoint))
    return load_history(files.checkpoint)


def _ignore_profiling_signal() -> None:
    """Let Python know that SIGPROF is ignored.

    After a fit Lightning gives each signal the handler that Python knows of. MediaPipe's library
    has SIGPROF ignored, which Python does not know, and sends it: with the default handler the next
    search for a body would end the process.
    """
    if threading.current_thread() is threading.main_thread():  # Lightning touches none elsewhere
        signal.signal(signal.SIGPROF, signal.SIG_IGN)


def _trainer(
    max_epochs: int,
    used: list[lightning.Callback],
    folder: Path,
    accelerator: str,
    devices: int,
) -> lightning.Trainer:
    """Several devices are spawned, never a second run of this program's command.

    Lightning's default with several GPUs starts `sys.argv` again once per GPU: in a worker that
    would be further workers.
    """
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    if accelerator == "cuda":
        precision = "bf16-mixed" if torch.cuda.is_bf16_supported() else "16-mixed"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")
        return lightning.Trainer(
            accelerator=accelerator,
            devices=devices,
            strategy="ddp_spawn" if devices > 1 else "auto",
            precision=precision,
            sync_batchnorm=accelerator == "cuda" and devices > 1,
            max_epochs=max_epochs,
            gradient_clip_val=1.0,
            callbacks=used,
            plugins=[AtomicCheckpointIO()],
            default_root_dir=folder,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )


def _readable(checkpoint: Path) -> Path | None:
    """The checkpoint, or None without one; a damaged one is deleted and training starts again."""
    if not checkpoint.exists():
        return None
    try:
        torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # any damage means the same
        _log.warning(
            "checkpoint %s is damaged (%s): restarting training from the beginning",
            checkpoint,
            error,
        )
        checkpoint.unlink(missing_ok=True)
        return None
    return checkpoint
