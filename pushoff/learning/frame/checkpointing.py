"""What happens after each epoch of a fit. Imported only while training: lightning is heavy."""

import json
import math
import os
import time
from dataclasses import replace
from pathlib import Path

import lightning as lightning_library
from safetensors.torch import save as safetensors_bytes

from pushoff.learning.frame.lightning_module import FrameModule
from pushoff.util.atomic_write import rename_durably, write_atomic
from pushoff.util.progress import OnProgress, Progress

PROGRESS_S = 0.5
CHECKPOINT_S = 3.0
"""Epochs shorter than this share a checkpoint: writing one costs half a second."""


class CheckpointCallback(lightning_library.Callback):
    """After each epoch: the best weights and a checkpoint on disk, atomically, and word of it."""

    def __init__(
        self,
        checkpoint: Path,
        best: Path,
        patience: int | None,
        limit_s: float,
        on_progress: OnProgress,
    ) -> None:
        """`patience` in epochs; None: validation is too small to choose by, the last one stays."""
        self.history: list[dict[str, float]] = []
        self._checkpoint, self._best = checkpoint, best
        self._patience, self._limit_s, self._on_progress = patience, limit_s, on_progress
        self._best_score, self._best_epoch, self._spent_s = (-1.0, -math.inf), 0, 0.0
        self._started = self._said = self._saved = 0.0
        self._loss_sum = self._loss_count = 0.0

    def state_dict(self) -> dict[str, object]:
        """Plain numbers only: the checkpoint is read back with `weights_only`."""
        return {
            "history": self.history,
            "best_score": list(self._best_score),
            "best_epoch": self._best_epoch,
            "spent_s": self._elapsed(),
        }

    def load_state_dict(self, state: dict[str, object]) -> None:
        """Go on counting where the killed run stopped."""
        self.history = list(state["history"])
        self._best_score = tuple(state["best_score"])
        self._best_epoch = state["best_epoch"]
        self._spent_s = state["spent_s"]

    def _elapsed(self) -> float:
        return self._spent_s + (time.monotonic() - self._started if self._started else 0.0)

    def on_train_start(self, trainer: lightning_library.Trainer, module: FrameModule) -> None:
        """Start the clock."""
        self._started = time.monotonic()

    def on_train_batch_end(
        self, trainer: lightning_library.Trainer, module: FrameModule, outputs: object, batch: object,
        batch_idx: int,
    ) -> None:  # fmt: skip
        """Say how far it is, at most twice a second, and mind the time limit."""
        self._loss_sum += float(outputs["loss"])
        self._loss_count += 1
        if _any_says(trainer, self._elapsed() > self._limit_s):
            trainer.should_stop = True
        if trainer.is_global_zero and time.monotonic() - self._said > PROGRESS_S:
            self._said = time.monotonic()
            self._on_progress(self._progress(trainer))

    def on_train_epoch_end(self, trainer: lightning_library.Trainer, module: FrameModule) -> None:
        """Keep the best weights, the checkpoint and the history; stop when nothing improves."""
        metrics = module.validation_metrics()
        epoch = trainer.current_epoch + 1
        entry = {"epoch": epoch, "loss": self._loss_sum / max(1, self._loss_count), **metrics}
        self._loss_sum = self._loss_count = 0.0
        self.history.append(entry)
        score = ((entry["val_average_precision"] + entry["val_f1"]) / 2, -entry["val_loss"])
        if self._patience is not None:
            if score > self._best_score:
                self._best_score, self._best_epoch = score, epoch
                self._keep(trainer, module)
            # Patience counts from where pictures are full size and the rate is coming down.
            settled = max(self._best_epoch, module.coarse_epochs, trainer.max_epochs // 3)
            if _any_says(trainer, epoch - settled >= self._patience):
                trainer.should_stop = True
        ends = trainer.should_stop or epoch == trainer.max_epochs
        due = not self._saved or time.monotonic() - self._saved > CHECKPOINT_S
        if _any_says(trainer, ends or due):
            if self._patience is None:
                self._keep(trainer, module)
            self._save(trainer)
        if trainer.is_global_zero:
            self._on_progress(replace(self._progress(trainer), done=epoch))

    def _keep(self, trainer: lightning_library.Trainer, module: FrameModule) -> None:
        """These are the weights to be had so far."""
        if trainer.is_global_zero:
            state = module.network.state_dict()
            plain = {name: one.detach().cpu().contiguous() for name, one in state.items()}
            write_atomic(self._best, safetensors_bytes(plain))

    def _save(self, trainer: lightning_library.Trainer) -> None:
        """The checkpoint and, for people, the history beside it. Every device takes part."""
        temporary = self._checkpoint.with_name(f".{self._checkpoint.name}.tmp")
        trainer.save_checkpoint(temporary)
        if trainer.is_global_zero:
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            write_atomic(self._checkpoint.with_suffix(".json"), json.dumps(self.history).encode())
            rename_durably(temporary, self._checkpoint)
        self._saved = time.monotonic()

    def _progress(self, trainer: lightning_library.Trainer) -> Progress:
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


def _any_says(trainer: lightning_library.Trainer, yes: bool) -> bool:
    """What any device's clock says holds for all: they must save and stop together."""
    return trainer.strategy.reduce_boolean_decision(yes, all=False)
