"""The callbacks of a training run: Lightning's own, set up to resume, and a log of epochs.

Imported only while training: lightning is heavy. Door: lightning.
"""

import io
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, Timer
from lightning.pytorch.plugins.io import TorchCheckpointIO

from pushoff.learning.backbone.lightning_module import SCORE, FrameModule
from pushoff.util.atomic_write import write_atomic
from pushoff.util.progress import OnProgress, Progress

PROGRESS_S = 0.5
"""Shortest time between two progress reports."""
CHECKPOINT_S = 3.0
"""Shortest time between two checkpoints: writing one takes half a second."""
_NETWORK = "network."


def callbacks(
    module: FrameModule,
    checkpoint: Path,
    best: Path | None,
    *,
    max_epochs: int,
    patience: int,
    limit_s: float,
    on_progress: OnProgress,
) -> list[Callback]:
    """The callbacks of one run.

    `checkpoint` is for resuming; `best` gets the weights with the best validation score, after
    which training stops early. `best` None: validation is too small to choose an epoch, training
    runs to its end.
    """
    used: list[Callback] = [
        TrainingLog(on_progress),
        Timer(timedelta(seconds=limit_s), interval="step", verbose=False),
    ]
    if best:
        # patience counts from where images have full size and the learning rate is decreasing
        warm_up = max(module.coarse_epochs, max_epochs // 3)
        used.append(LateEarlyStopping(warm_up, patience))
        used.append(
            ModelCheckpoint(
                best.parent,
                best.stem,
                monitor=SCORE,
                mode="max",
                save_weights_only=True,
                save_on_train_epoch_end=True,
                enable_version_counter=False,
            )
        )
    used.append(
        ThrottledCheckpoint(
            checkpoint.parent,
            checkpoint.stem,
            save_on_train_epoch_end=True,
            enable_version_counter=False,
        )
    )
    return used


class TrainingLog(Callback):
    """The history of epochs, kept in the checkpoint, and progress reports."""

    def __init__(self, on_progress: OnProgress) -> None:
        self.history: list[dict[str, float]] = []
        self._on_progress, self._reported_s = on_progress, 0.0
        self._loss_sum, self._loss_count = 0.0, 0

    def state_dict(self) -> dict[str, Any]:
        """Plain numbers only: the checkpoint is read with `weights_only`."""
        return {"history": self.history}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue the history of the interrupted run."""
        self.history = list(state_dict["history"])

    def on_train_batch_end(
        self,
        trainer: lightning.Trainer,
        pl_module: lightning.LightningModule,
        outputs: torch.Tensor | Mapping[str, Any] | None,
        batch: object,
        batch_idx: int,
    ) -> None:
        """Add up the loss and report progress, at most twice a second."""
        loss = outputs["loss"] if isinstance(outputs, Mapping) else outputs
        if loss is not None:
            self._loss_sum += float(loss)
            self._loss_count += 1
        if trainer.is_global_zero and time.monotonic() - self._reported_s > PROGRESS_S:
            self._reported_s = time.monotonic()
            self._on_progress(self._progress(trainer))

    def on_train_epoch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Add the epoch to the history."""
        if not isinstance(pl_module, FrameModule):
            raise TypeError(f"{type(pl_module).__name__} has no validation metrics")
        epoch = trainer.current_epoch + 1
        loss = self._loss_sum / max(1, self._loss_count)
        self.history.append({"epoch": epoch, "loss": loss, **pl_module.metrics})
        self._loss_sum, self._loss_count = 0.0, 0
        if trainer.is_global_zero:
            self._on_progress(replace(self._progress(trainer), done=epoch))

    def _progress(self, trainer: lightning.Trainer) -> Progress:
        last = self.history[-1] if self.history else {}
        loss = self._loss_sum / self._loss_count if self._loss_count else last.get("loss")
        return Progress(
            "training",
            trainer.current_epoch,
            trainer.max_epochs,
            "epoch",
            step=trainer.global_step,
            loss=loss,
            val_f1=last.get("val_f1"),
        )


class LateEarlyStopping(EarlyStopping):
    """Early stopping whose patience counts epochs from the end of a warm-up."""

    def __init__(self, warm_up_epochs: int, patience: int) -> None:
        super().__init__(SCORE, patience=patience, mode="max", check_on_train_epoch_end=True)
        self._warm_up_epochs = warm_up_epochs

    def on_train_epoch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Check the score; a warm-up epoch without improvement does not count."""
        if trainer.current_epoch < self._warm_up_epochs:
            self.wait_count = -1
        super().on_train_epoch_end(trainer, pl_module)


class ThrottledCheckpoint(ModelCheckpoint):
    """The latest state, written at the end of an epoch, but not more often than CHECKPOINT_S."""

    _saved_s = 0.0

    def on_train_epoch_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Save when the last checkpoint is old enough, and at the end of the run."""
        is_last = trainer.should_stop or trainer.current_epoch + 1 == trainer.max_epochs
        is_due = is_last or time.monotonic() - self._saved_s > CHECKPOINT_S
        # all devices take part in saving, so they decide together
        if trainer.strategy.reduce_boolean_decision(is_due, all=False):
            super().on_train_epoch_end(trainer, pl_module)
            self._saved_s = time.monotonic()


class AtomicCheckpointIO(TorchCheckpointIO):
    """Checkpoints are written atomically and flushed to disk.

    Lightning's own writer goes through a temporary file that may be on another disk, where moving
    it is a copy: a kill in between leaves half a file.
    """

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: str | os.PathLike[str],
        storage_options: Any | None = None,
    ) -> None:
        """Write `checkpoint` to `path`. Raises StorageFailed."""
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        write_atomic(Path(path), buffer.getvalue())


def load_history(checkpoint: Path) -> list[dict[str, float]]:
    """The history of epochs that a run's checkpoint holds."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return list(state["callbacks"][TrainingLog.__qualname__]["history"])


def load_network_weights(checkpoint: Path) -> dict[str, torch.Tensor]:
    """The network's weights in a checkpoint of either kind."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)["state_dict"]
    return {name.removeprefix(_NETWORK): tensor for name, tensor in state.items()}
