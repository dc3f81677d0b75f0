"""Training of temporal heads on extracted features: seconds on a CPU, without decoding a video.

Door: torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.features.video_features import VideoFeatures
from pushoff.learning.heads.targets import UNKNOWN, FrameTargets
from pushoff.learning.model.temporal_head import OUTPUTS, HeadShape, TemporalHead

LOSS_WEIGHTS = (1.0, 0.5, 0.3, 0.3)
"""Of each output, in the order of OUTPUTS."""


@dataclass(frozen=True)
class HeadConfig:
    """Hyperparameters of a head's training; the defaults are those of `make results`."""

    steps: int = 250
    batch: int = 16
    window: int = 64
    """Frames per training window, 1/30 s apart: about two seconds."""
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    push_off_weight: float = 4.0
    """Added weight of push-off frames: one in seven in running, one in fifteen in bounding."""
    neighbour_target: float = 0.02
    """Target of the frames next to a push-off, instead of 0: the toe leaves between two frames, and
    no head should be certain enough of a neighbour to veto the others. Trained on one sprint clip,
    F1 within 1 frame rose from 0.927 to 0.946 on average; 0.01 to 0.05 did as well."""
    noise: float = 0.05
    """Standard deviation of random changes of every feature's scale and level, per window."""
    event_window_share: float = 0.7
    """Share of windows around a push-off; the others are anywhere."""


@dataclass(frozen=True, eq=False)
class TrainingExample:
    """One video's features and targets."""

    features: VideoFeatures
    targets: FrameTargets
    weight: float = 1.0
    """How often its windows are drawn, relative to other videos of the same length."""


def fit_head(
    examples: Sequence[TrainingExample], view: str, seed: int, config: HeadConfig, shape: HeadShape
) -> TemporalHead:
    """One head on one view of the videos. The same seed gives the same head.

    Raises TooFewLabels when no video shows an athlete, ModelRefused when the loss diverges.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a head is trained faster by one core than by several
    try:
        return _fit(examples, view, seed, config, shape)
    finally:
        torch.set_num_threads(threads)


def _fit(
    examples: Sequence[TrainingExample], view: str, seed: int, config: HeadConfig, shape: HeadShape
) -> TemporalHead:
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    head = TemporalHead(shape)
    _set_projection(head, examples, view)
    sequences = _interleaved(head, examples, view, config.neighbour_target)
    weights = np.array([sequence.weight for sequence in sequences])
    weights /= weights.sum()
    optimizer = torch.optim.AdamW(
        head.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.steps, pct_start=0.15
    )
    head.train()
    for _ in range(config.steps):
        chosen = rng.choice(len(sequences), config.batch, p=weights)
        windows = [_window(sequences[number], rng, config) for number in chosen]
        features = torch.from_numpy(np.stack([window[0] for window in windows]))  # (B, W, D)
        targets = torch.from_numpy(np.stack([window[1] for window in windows]))  # (B, W, 4)
        frame_weights = torch.from_numpy(np.stack([window[2] for window in windows]))  # (B, W)
        per_window = (config.batch, 1, features.shape[2])
        features = features * (1 + config.noise * torch.randn(per_window))
        features = features + config.noise * torch.randn(per_window)
        loss = _loss(head.forward_projected(features), targets, frame_weights, config)
        if not torch.isfinite(loss):
            raise ModelRefused(
                "The temporal head's training diverged.",
                code="diverged",
                remedy="Lower its learning rate.",
            )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return head.eval()


@dataclass(frozen=True, eq=False)
class _Sequence:
    """Every `step`-th frame of a video: one of its interleaved videos at 30/s."""

    features: np.ndarray
    """(T, components) float32, projected."""
    targets: np.ndarray
    """(T, 4) in the order of OUTPUTS."""
    frame_weights: np.ndarray
    """(T,) how much each frame counts."""
    events: tuple[int, ...]
    known: np.ndarray
    """Frames with any known target."""
    weight: float


def _interleaved(
    head: TemporalHead, examples: Sequence[TrainingExample], view: str, neighbour_target: float
) -> list[_Sequence]:
    """All sequences in which anything is known, of every augmentation."""
    sequences = []
    for example in examples:
        step = example.features.step
        for views in example.features.views.values():
            projected = head.project(torch.from_numpy(views[view].astype(np.float32))).numpy()
            for phase in range(step):
                part = example.targets.subsample(step, phase)
                targets = np.stack([getattr(part, name) for name in OUTPUTS], axis=1)
                targets[:, 0] = _smooth_targets(targets[:, 0], neighbour_target)
                known = np.flatnonzero((targets != UNKNOWN).any(axis=1))
                if len(known):
                    sequences.append(
                        _Sequence(
                            features=projected[phase::step],
                            targets=targets.astype(np.float32),
                            frame_weights=part.weight.astype(np.float32),
                            events=part.events,
                            known=known,
                            weight=example.weight / step / len(example.features.views),
                        )
                    )
    return sequences


def _smooth_targets(push_off: np.ndarray, neighbour_target: float) -> np.ndarray:
    """(T,) push-off targets; those next to a push-off become `neighbour_target` instead of 0."""
    padded = np.concatenate([[False], push_off == 1, [False]])
    next_to_push_off = padded[:-2] | padded[2:]
    return np.where(next_to_push_off & (push_off == 0), neighbour_target, push_off)


def _window(
    sequence: _Sequence, rng: np.random.Generator, config: HeadConfig
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(W, D) features, (W, 4) targets and (W,) weights around a push-off or anywhere.

    Zeros beyond the ends.
    """
    count, width = len(sequence.features), config.window
    if sequence.events and rng.random() < config.event_window_share:
        middle = int(rng.choice(sequence.events)) + int(rng.integers(-width // 2, width // 2))
    else:
        middle = int(rng.choice(sequence.known))
    indices = np.arange(middle - width // 2, middle - width // 2 + width)
    inside = (indices >= 0) & (indices < count)
    clipped = np.clip(indices, 0, max(count - 1, 0))
    features = sequence.features[clipped] * inside[:, None].astype(np.float32)
    targets = np.where(inside[:, None], sequence.targets[clipped], UNKNOWN)
    return features, targets.astype(np.float32), sequence.frame_weights[clipped]


def _loss(
    logits: torch.Tensor, targets: torch.Tensor, frame_weights: torch.Tensor, config: HeadConfig
) -> torch.Tensor:
    """Weighted binary cross-entropy of (B, W, 4) logits where the target is known."""
    total = logits.new_zeros(())
    for number, loss_weight in enumerate(LOSS_WEIGHTS):
        known = targets[..., number] != UNKNOWN
        if not known.any():
            continue
        target = targets[..., number][known]
        weight = frame_weights[known]
        if number == 0:
            weight = weight * (1 + config.push_off_weight * (target > 0.5))
        cost = functional.binary_cross_entropy_with_logits(
            logits[..., number][known], target, weight, reduction="sum"
        )
        total = total + loss_weight * cost / weight.sum()
    return total


def _set_projection(head: TemporalHead, examples: Sequence[TrainingExample], view: str) -> None:
    """Store the principal components of the training features, of frames with an athlete.

    Every feature first has unit variance, and so has every component afterwards.
    """
    rows = [
        views[view][example.features.athlete].astype(np.float32)
        for example in examples
        for views in example.features.views.values()
    ]
    features = np.concatenate(rows) if rows else np.zeros((0, head.shape.inputs), np.float32)
    if not len(features):
        raise TooFewLabels(
            f"No athlete was found in the {len(examples)} videos, so there is nothing to train on",
            code="no_athlete",
        )
    mean, scale = features.mean(0), features.std(0) + 1e-3
    normal = ((features - mean) / scale).astype(np.float64)
    if head.shape.components < head.shape.inputs:
        variances, directions = np.linalg.eigh(normal.T @ normal / len(normal))
        largest = np.argsort(-variances, kind="stable")[: head.shape.components]
        spread = np.sqrt(np.maximum(variances[largest], 0)) + 1e-3
        projection = directions[:, largest] / spread
    else:
        projection = np.eye(head.shape.inputs)
    head.mean.copy_(torch.from_numpy(mean))
    head.projection.copy_(torch.from_numpy(projection / scale[:, None]).float())
