"""Fitting temporal heads on described videos: seconds on a CPU, for the pictures are never seen
again. Door: torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from pushoff.errors import ModelRefused, TooFewLabels
from pushoff.learning.event.targets import UNKNOWN, FrameTargets
from pushoff.learning.event.temporal_head import OUTPUTS, HeadShape, TemporalHead
from pushoff.learning.event.video_features import VideoFeatures


@dataclass(frozen=True)
class HeadConfig:
    """How heads are fitted; the defaults are those of `make results`."""

    steps: int = 250
    batch: int = 16
    window: int = 64
    """Pictures per training window, about two seconds."""
    learning_rate: float = 3e-3
    weight_decay: float = 0.05
    push_off_weight: float = 4.0
    """One picture in seven is a push-off in running, one in fifteen in bounding."""
    beside: float = 0.02
    """Asked of the frames next to a push-off instead of 0: the toe leaves between two frames, and
    no head should be so sure of a neighbour that it vetoes the others. Learnt from one sprint clip
    F1 at 1 frame rose from 0.927 to 0.946 on average; 0.01 to 0.05 did as well."""
    noise: float = 0.05
    """Spread of a change of every feature's size and level, per window."""
    about_events: float = 0.7
    """Share of windows laid about a push-off; the rest fall anywhere."""


@dataclass(frozen=True, eq=False)
class TrainingExample:
    """One video, described, with what is known of it."""

    video: VideoFeatures
    targets: FrameTargets
    weight: float = 1.0


def fit_head(
    lessons: Sequence[TrainingExample], view: str, seed: int, config: HeadConfig, shape: HeadShape
) -> TemporalHead:
    """One head on one view of the videos. The same seed gives the same head.

    Raises TooFewLabels when nobody is seen in any video, ModelRefused when the loss diverges.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a head is fitted faster by one core than by several
    try:
        return _fitted(lessons, view, seed, config, shape)
    finally:
        torch.set_num_threads(threads)


def _fitted(
    lessons: Sequence[TrainingExample], view: str, seed: int, config: HeadConfig, shape: HeadShape
) -> TemporalHead:
    torch.manual_seed(seed)
    chance = np.random.default_rng(seed)
    head = TemporalHead(shape)
    _normalise(head, lessons, view)
    streams = _streams(lessons, view, config.beside)
    worth = np.array([stream.weight for stream in streams])
    worth /= worth.sum()
    optimizer = torch.optim.AdamW(
        head.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.steps, pct_start=0.15
    )
    head.train()
    for _ in range(config.steps):
        chosen = chance.choice(len(streams), config.batch, p=worth)
        windows = [_window(streams[one], chance, config) for one in chosen]
        features = torch.from_numpy(np.stack([one[0] for one in windows]))  # (B, W, D)
        wanted = torch.from_numpy(np.stack([one[1] for one in windows]))  # (B, W, 4)
        shape_of = (config.batch, 1, features.shape[2])
        features = features * (1 + config.noise * torch.randn(shape_of))
        features = features + config.noise * head.scale * torch.randn(shape_of)
        loss = _loss(head(features), wanted, config)
        if not torch.isfinite(loss):
            raise ModelRefused("the temporal head's training diverged: lower its learning rate")
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return head.eval()


@dataclass(frozen=True, eq=False)
class _Stream:
    """A video seen every `step` frames: one of its interleaved videos at 30/s."""

    features: np.ndarray
    targets: np.ndarray
    """(T, 4) in the order of OUTPUTS."""
    events: tuple[int, ...]
    known: np.ndarray
    """Places at which anything is known."""
    weight: float


def _streams(lessons: Sequence[TrainingExample], view: str, beside: float) -> list[_Stream]:
    streams = []
    for lesson in lessons:
        step = lesson.video.step
        for views in lesson.video.described.values():
            for phase in range(step):
                part = lesson.targets.every(step, phase)
                targets = np.stack([getattr(part, name) for name in OUTPUTS], axis=1)
                targets[:, 0] = _softened(targets[:, 0], beside)
                known = np.flatnonzero((targets != UNKNOWN).any(axis=1))
                if len(known):
                    weight = lesson.weight / step / len(lesson.video.described)
                    features = views[view][phase::step]
                    streams.append(
                        _Stream(features, targets.astype(np.float32), part.events, known, weight)
                    )
    return streams


def _softened(push_off: np.ndarray, beside: float) -> np.ndarray:
    """(T,) the push-off targets, those next to a push-off `beside` instead of 0."""
    at = np.concatenate([[False], push_off == 1, [False]])
    return np.where((at[:-2] | at[2:]) & (push_off == 0), beside, push_off)


def _window(
    stream: _Stream, chance: np.random.Generator, config: HeadConfig
) -> tuple[np.ndarray, np.ndarray]:
    """(W, D) features and (W, 4) targets about a push-off or anywhere; zeros beyond the ends."""
    count, width = len(stream.features), config.window
    if stream.events and chance.random() < config.about_events:
        middle = int(chance.choice(stream.events)) + int(chance.integers(-width // 2, width // 2))
    else:
        middle = int(chance.choice(stream.known))
    places = np.arange(middle - width // 2, middle - width // 2 + width)
    inside = (places >= 0) & (places < count)
    held = np.clip(places, 0, max(count - 1, 0))
    features = stream.features[held].astype(np.float32) * inside[:, None]
    targets = np.where(inside[:, None], stream.targets[held], UNKNOWN)
    return features, targets.astype(np.float32)


def _loss(logits: torch.Tensor, wanted: torch.Tensor, config: HeadConfig) -> torch.Tensor:
    """Weighted binary cross-entropy of every output where it is known."""
    total = logits.new_zeros(())
    for number, share in enumerate((1.0, 0.5, 0.3, 0.3)):
        known = wanted[..., number] != UNKNOWN
        if not known.any():
            continue
        goal = wanted[..., number][known]
        weight = torch.ones_like(goal)
        if number == 0:
            weight = 1 + config.push_off_weight * (goal > 0.5)
        cost = functional.binary_cross_entropy_with_logits(
            logits[..., number][known], goal, weight, reduction="sum"
        )
        total = total + share * cost / weight.sum()
    return total


def _normalise(head: TemporalHead, lessons: Sequence[TrainingExample], view: str) -> None:
    """The head remembers the training videos' usual features, of frames with an athlete."""
    rows = [
        views[view][lesson.video.athlete].astype(np.float32)
        for lesson in lessons
        for views in lesson.video.described.values()
    ]
    everything = np.concatenate(rows) if rows else np.zeros((0, head.shape.inputs), np.float32)
    if not len(everything):
        raise TooFewLabels(
            f"no athlete was found in the {len(lessons)} videos: there is nothing to learn from"
        )
    head.mean.copy_(torch.from_numpy(everything.mean(0)))
    head.scale.copy_(torch.from_numpy(everything.std(0) + 1e-3))
