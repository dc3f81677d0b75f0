"""The fit itself, in Lightning's terms. Imported only while training: lightning is heavy.

Door: lightning.
"""

import logging
import math
import warnings
from pathlib import Path

import lightning as lightning_library
import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset, DistributedSampler

from pushoff.errors import ModelRefused
from pushoff.learning.evaluation.metrics import (
    average_precision,
    best_threshold,
    confusion,
    f1_score,
)
from pushoff.learning.frame.augmentation import augment
from pushoff.learning.network import Preprocessing
from pushoff.values import Label

COARSE_SHARE = 0.64
"""From random weights, the first epochs see pictures of this share of the side: more than twice
as fast, and filters need many steps more than they need detail."""
COARSE_UNTIL = 0.5
"""Share of the epochs that are coarse. With learnt weights none is: their filters are made."""
LABEL_SMOOTHING = 0.05
WARM_UP = 0.1


Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


class CropDataset(Dataset):
    """Training crops in memory: (N, 3, S, S) uint8, (N,) labels and (N,) float32 weights, how much
    each label counts. Fetched a batch at a time."""

    def __init__(self, pixels: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor) -> None:
        self.pixels, self.labels, self.weights = pixels, labels, weights

    def __len__(self) -> int:
        return len(self.labels)

    def __getitems__(self, rows: list[int]) -> Batch:
        """The (B, 3, S, S) crops, (B,) labels and (B,) weights of these rows."""
        return self.pixels[rows], self.labels[rows], self.weights[rows]


def _as_it_is(batch: Batch) -> Batch:
    return batch


def weighted_loss(
    logits: torch.Tensor, labels: torch.Tensor, weights: torch.Tensor, class_weights: torch.Tensor
) -> torch.Tensor:
    """Smoothed cross entropy of (B, 2) logits, each label counted `weights` (B,) times its class's
    weight; with weights of 1 it is torch's own class-weighted mean."""
    each = functional.cross_entropy(
        logits, labels, class_weights, label_smoothing=LABEL_SMOOTHING, reduction="none"
    )
    return (weights * each).sum() / (weights * class_weights[labels]).sum()


class FrameModule(lightning_library.LightningModule):
    """One network, its loss and its schedule. Every device validates on all validation frames."""

    def __init__(
        self,
        network: nn.Module,
        train: CropDataset,
        val: CropDataset,
        *,
        size_px: int,
        batch_size: int,
        learning_rate: float,
        max_epochs: int,
        seed: int,
        coarse_first: bool,
    ) -> None:
        super().__init__()
        self.network = network.to(memory_format=torch.channels_last)
        self.coarse_epochs = int(COARSE_UNTIL * max_epochs) if coarse_first else 0
        self._train, self._val = train, val
        self._preprocessing = Preprocessing(size_px)
        self._batch_size, self._learning_rate = batch_size, learning_rate
        self._seed = seed
        counts = torch.bincount(train.labels, minlength=len(Label)).clamp(min=1)
        self.register_buffer("class_weights", len(train) / (len(Label) * counts), persistent=False)
        self._val_logits: list[torch.Tensor] = []

    def train_dataloader(self) -> DataLoader:
        """Shuffled by seed and epoch and divided between devices: a resumed run is the same."""
        world, rank = self.trainer.world_size, self.trainer.global_rank
        batch = max(2, min(self._batch_size, len(self._train) // world))
        sampler = DistributedSampler(self._train, world, rank, seed=self._seed, drop_last=world > 1)
        full = len(sampler) >= batch
        return DataLoader(self._train, batch, sampler=sampler, drop_last=full, collate_fn=_as_it_is)

    def val_dataloader(self) -> DataLoader:
        """All validation frames in order."""
        return DataLoader(self._val, 64, collate_fn=_as_it_is)

    def training_step(self, batch: Batch, step: int) -> torch.Tensor:
        """The weighted loss of one augmented batch. Raises ModelRefused when it diverges."""
        pixels, labels, weights = batch
        size = self._preprocessing.size_px
        if self.current_epoch < self.coarse_epochs:
            size = max(32, round(size * COARSE_SHARE / 8) * 8)
        place = (self._seed * 1_000_003 + self.current_epoch) * 10_007 + step
        chance = torch.Generator().manual_seed(place * 64 + self.trainer.global_rank)
        logits = self._answer(augment(pixels, size, chance))
        loss = weighted_loss(logits.float(), labels, weights, self.class_weights)
        if not torch.isfinite(loss):
            raise ModelRefused(
                f"training diverged in epoch {self.current_epoch + 1}: the loss is {loss.item()}. "
                "Lower PUSHOFF_LEARNING_RATE."
            )
        return loss

    def validation_step(self, batch: Batch, step: int) -> None:
        """Collect the logits; the metrics need them all."""
        self._val_logits.append(self._answer(batch[0]).float().cpu())

    def _answer(self, pixels: torch.Tensor) -> torch.Tensor:
        """(N, 2) logits of (N, 3, H, W) pixels, 0 to 255."""
        normal = self._preprocessing.normalize(pixels)
        return self.network(normal.to(memory_format=torch.channels_last))

    def validation_metrics(self) -> dict[str, float]:
        """Loss, average precision and best F1 of the pass that just ended."""
        logits = torch.cat(self._val_logits).double()
        self._val_logits = []
        labels = self._val.labels.cpu()
        weights = self.class_weights.cpu().double()
        p = torch.softmax(logits, dim=1)[:, Label.PUSH_OFF].numpy()
        y = labels.numpy()
        if not np.isfinite(p).all():
            raise ModelRefused("training diverged: validation gives numbers that are not finite")
        _, fp, fn, tp = confusion(p, y, best_threshold(p, y))
        return {
            "val_loss": float(functional.cross_entropy(logits, labels, weights)),
            "val_average_precision": average_precision(p, y),
            "val_f1": f1_score(tp, fp, fn),
        }

    def configure_optimizers(self) -> dict[str, object]:
        """AdamW with a short warm-up and a cosine; norms and biases do not decay."""
        decay = [p for p in self.network.parameters() if p.ndim > 1]
        still = [p for p in self.network.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [{"params": decay, "weight_decay": 0.05}, {"params": still, "weight_decay": 0.0}],
            lr=self._learning_rate,
            fused=self.device.type
            == "cpu",  # a fifth of a step there; mixed precision clips on GPUs
        )
        steps = max(1, int(self.trainer.estimated_stepping_batches))
        warm = max(1, round(WARM_UP * steps))

        def share(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            along = min(1.0, (step - warm) / max(1, steps - warm))
            return 0.01 + 0.99 * (1 + math.cos(math.pi * along)) / 2

        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, share)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }


def run_fit(
    module: FrameModule,
    keeper: lightning_library.Callback,
    *,
    max_epochs: int,
    folder: Path,
    resume: Path | None,
    accelerator: str,
    devices: int,
) -> None:
    """Fit to the end. Several devices are spawned, never a second run of this program's command.

    Lightning's usual way with several GPUs starts `sys.argv` again once per GPU: in a worker that
    would be further workers.
    """
    half = "bf16-mixed" if accelerator == "cuda" and torch.cuda.is_bf16_supported() else "16-mixed"
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="lightning")
        warnings.filterwarnings("ignore", message=".*lr_scheduler.step.*")
        trainer = lightning_library.Trainer(
            accelerator=accelerator,
            devices=devices,
            strategy="ddp_spawn" if devices > 1 else "auto",
            precision=half if accelerator == "cuda" else "32-true",
            sync_batchnorm=accelerator == "cuda" and devices > 1,
            max_epochs=max_epochs,
            gradient_clip_val=1.0,
            callbacks=[keeper],
            default_root_dir=folder,
            use_distributed_sampler=False,
            num_sanity_val_steps=0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(module, ckpt_path=resume, weights_only=True)
