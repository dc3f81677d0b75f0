"""A backbone's training as a Lightning module: data, loss, optimizer, validation metrics.

Imported only while training: lightning is heavy. Door: lightning.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightning
import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRSchedulerConfig
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, DistributedSampler

from pushoff.errors import ModelRefused
from pushoff.learning.backbone.augmentation import augment
from pushoff.learning.backbone.network import Preprocessing
from pushoff.learning.evaluation.metrics import (
    average_precision,
    best_threshold,
    confusion,
    f1_score,
)
from pushoff.values import Label

if TYPE_CHECKING:
    from torchvision.models import ResNet

COARSE_SHARE = 0.64
"""With random initial weights, images of the first epochs have this share of the side: more than
twice as fast, and filters need many steps more than they need detail."""
COARSE_UNTIL = 0.5
"""Share of the epochs that are coarse. With pretrained weights none is: their filters exist."""
LABEL_SMOOTHING = 0.05
WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""
SCORE = "val_score"
"""The metric by which the best epoch is chosen."""
_VAL_BATCH = 64
_TIE_BREAK = 1e-5
_DIVERGED_REMEDY = "Set PUSHOFF_SEED to another number, or PUSHOFF_WEIGHTS to other weights."
"""The same frames, weights and seed would diverge again."""

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]
"""(B, 3, S, S) uint8 crops, (B,) labels and (B,) float32 weights."""


class CropDataset(Dataset[Batch]):
    """Labelled crops in memory, fetched a batch at a time."""

    def __init__(self, pixels: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> None:
        """(N, 3, S, S) uint8, (N,) labels and (N,) float32: how much each label counts."""
        self.pixels, self.labels, self.weights = pixels, labels, weights

    def __len__(self) -> int:
        return len(self.labels)

    def __getitems__(self, rows: list[int]) -> Batch:
        """The batch of these rows."""
        return self.pixels[rows], self.labels[rows], self.weights[rows]


def _identity(batch: Any) -> Any:
    """The collate function: `__getitems__` has already made the batch."""
    return batch


def weighted_loss(
    logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor, class_weights: torch.Tensor
) -> torch.Tensor:
    """Smoothed cross-entropy of (B, 2) logits, averaged with `weights` (B,) times class weights.

    With weights of 1 it is torch's own class-weighted mean.
    """
    losses = functional.cross_entropy(
        logits, labels, class_weights, label_smoothing=LABEL_SMOOTHING, reduction="none"
    )
    return (weights * losses).sum() / (weights * class_weights[labels]).sum()


class FrameModule(lightning.LightningModule):
    """One network, its loss and its schedule. Every device validates on all validation frames."""

    class_weights: torch.Tensor

    def __init__(
        self,
        network: "ResNet",
        train: CropDataset,
        val: CropDataset,
        *,
        size_px: int,
        batch_size: int,
        learning_rate: float,
        max_epochs: int,
        seed: int,
        coarse_first: bool,
        out_of_memory: Path,
    ) -> None:
        """The file `out_of_memory` is created when a step needs more memory than there is."""
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)
        self.coarse_epochs = int(COARSE_UNTIL * max_epochs) if coarse_first else 0
        self.metrics: dict[str, float] = {}
        """Loss, average precision and best F1 of the last validation."""
        self._train_set, self._val_set = train, val
        self._preprocessing = Preprocessing(size_px)
        self._batch_size, self._learning_rate = batch_size, learning_rate
        self._seed, self._out_of_memory = seed, out_of_memory
        counts = torch.bincount(train.labels, minlength=len(Label)).clamp(min=1)
        self.register_buffer("class_weights", len(train) / (len(Label) * counts), persistent=False)
        self._val_logits: list[torch.Tensor] = []

    def train_dataloader(self) -> DataLoader[Batch]:
        """Shuffled by seed and epoch and divided between devices: a resumed run is the same."""
        world, rank = self.trainer.world_size, self.trainer.global_rank
        batch = max(2, min(self._batch_size, len(self._train_set) // world))
        sampler: DistributedSampler[Batch] = DistributedSampler(
            self._train_set, world, rank, seed=self._seed, drop_last=world > 1
        )
        drop_last = len(sampler) >= batch
        return DataLoader(
            self._train_set, batch, sampler=sampler, drop_last=drop_last, collate_fn=_identity
        )

    def val_dataloader(self) -> DataLoader[Batch]:
        """All validation frames in order."""
        return DataLoader(self._val_set, _VAL_BATCH, collate_fn=_identity)

    def training_step(self, batch: Batch, step: int) -> torch.Tensor:
        """The weighted loss of one augmented batch. Raises ModelRefused when it diverges."""
        pixels, labels, weights = batch
        size = self._preprocessing.size_px
        if self.current_epoch < self.coarse_epochs:
            size = max(32, round(size * COARSE_SHARE / 8) * 8)
        step_seed = (self._seed * 1_000_003 + self.current_epoch) * 10_007 + step
        generator = torch.Generator().manual_seed(step_seed * 64 + self.trainer.global_rank)
        logits = self._forward(augment(pixels, size, generator))
        loss = weighted_loss(logits.float(), labels, weights, self.class_weights)
        if not torch.isfinite(loss):
            raise ModelRefused(
                f"Training diverged in epoch {self.current_epoch + 1}: the loss is {loss.item()}.",
                code="diverged",
                remedy=_DIVERGED_REMEDY,
            )
        return loss

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        """One step. A lack of memory leaves a mark, which a parent of spawned processes can see.

        Lightning calls no hook of a spawned process that fails, and its parent gets a text.
        """
        try:
            super().optimizer_step(*args, **kwargs)
        except torch.OutOfMemoryError:
            self._out_of_memory.touch()
            raise

    def validation_step(self, batch: Batch, step: int) -> None:
        """Collect the logits; the metrics need all of them."""
        self._val_logits.append(self._forward(batch[0]).float().cpu())

    def on_validation_epoch_end(self) -> None:
        """Set `metrics` and log the score. Raises ModelRefused for non-finite probabilities."""
        logits = torch.cat(self._val_logits).double()
        self._val_logits = []
        labels = self._val_set.labels.cpu()
        weights = self.class_weights.cpu().double()
        p, y = torch.softmax(logits, dim=1)[:, Label.PUSH_OFF].numpy(), labels.numpy()
        if not np.isfinite(p).all():
            raise ModelRefused(
                "Training diverged: the network returns NaN or infinite values.",
                code="diverged",
                remedy=_DIVERGED_REMEDY,
            )
        _, fp, fn, tp = confusion(p, y, best_threshold(p, y))
        self.metrics = {
            "val_loss": float(functional.cross_entropy(logits, labels, weights)),
            "val_average_precision": average_precision(p, y),
            "val_f1": f1_score(tp, fp, fn),
        }
        mean = (self.metrics["val_average_precision"] + self.metrics["val_f1"]) / 2
        self.log(SCORE, mean - _TIE_BREAK * self.metrics["val_loss"])

    def _forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """(N, 2) logits of (N, 3, H, W) pixels, 0 to 255."""
        x = self._preprocessing.normalize(pixels).to(memory_format=torch.channels_last)
        logits: torch.Tensor = self.network(x)
        return logits

    def configure_optimizers(self) -> OptimizerLRSchedulerConfig:
        """AdamW with a short warm-up and a cosine; norms and biases do not decay."""
        decayed = [p for p in self.network.parameters() if p.ndim > 1]
        undecayed = [p for p in self.network.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": 0.05},
                {"params": undecayed, "weight_decay": 0.0},
            ],
            lr=self._learning_rate,
            # a fifth of a step on a CPU; on GPUs mixed precision clips gradients, which it cannot
            fused=self.device.type == "cpu",
        )
        steps = max(1, int(self.trainer.estimated_stepping_batches))
        warm_up = max(1, round(WARM_UP * steps))

        def factor(step: int) -> float:
            if step < warm_up:
                return (step + 1) / warm_up
            progress = min(1.0, (step - warm_up) / max(1, steps - warm_up))
            return 0.01 + 0.99 * (1 + math.cos(math.pi * progress)) / 2

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, factor)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }
