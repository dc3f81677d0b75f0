"""Training windows of temporal heads: which frames are drawn, and their rows.

Door: torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from pushoff.learning.heads.head_config import HeadConfig
from pushoff.learning.heads.targets import UNKNOWN, FrameTargets, TrainingExample
from pushoff.learning.model.temporal_head import OUTPUTS, TemporalHead


@dataclass(frozen=True, eq=False)
class InterleavedVideo:
    """Every `step`-th frame of one augmentation of a video: T frames at 30/s."""

    views: Mapping[str, np.ndarray]
    """By name, (T, D) float16."""
    targets: np.ndarray
    """(T, 4) float32 in the order of OUTPUTS."""
    weights: np.ndarray
    """(T, 4) float32: how much each target counts, 0 where it is unknown."""
    events: np.ndarray
    """(E,) int: the push-offs."""
    known: np.ndarray
    """(K,) int: frames with any known target, at least one."""
    share: float
    """How often its windows are drawn, relative to others."""


@dataclass(frozen=True, eq=False)
class WindowPlan:
    """The windows of every step of a training."""

    videos: np.ndarray
    """(steps, batch) int: which interleaved video."""
    first_frames: np.ndarray
    """(steps, batch) int: less than a window before the video's first frame up to its last."""


@dataclass(frozen=True, eq=False)
class WindowRows:
    """R rows, in which a window is `config.window` rows one after the other.

    Videos are a window apart, in rows of zeros.
    """

    features: torch.Tensor
    """(R, components), projected."""
    targets: torch.Tensor
    """(R, 4)."""
    weights: torch.Tensor
    """(R, 4)."""
    first_rows: torch.Tensor
    """(steps, batch) int64: of each window of a plan."""


def interleaved(examples: Sequence[TrainingExample], config: HeadConfig) -> list[InterleavedVideo]:
    """All interleaved videos in which anything is known, of every augmentation."""
    videos = []
    for example in examples:
        step, augmentations = example.features.step, example.features.views.values()
        share = example.weight / step / len(augmentations)
        parts = [_part(example.targets.subsample(step, phase), config) for phase in range(step)]
        for views in augmentations:
            for phase, (targets, weights, events) in enumerate(parts):
                known = np.flatnonzero((targets != UNKNOWN).any(axis=1))
                if len(known):
                    own = {name: rows[phase::step] for name, rows in views.items()}
                    videos.append(InterleavedVideo(own, targets, weights, events, known, share))
    return videos


def _part(part: FrameTargets, config: HeadConfig) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Targets, weights and events of an interleaved video."""
    targets = np.stack([getattr(part, name) for name in OUTPUTS], axis=1).astype(np.float32)
    targets[:, 0] = _smooth_targets(targets[:, 0], config.neighbour_target)
    weights = (part.weight[:, None] * (targets != UNKNOWN)).astype(np.float32)
    weights[:, 0] *= 1 + config.push_off_weight * (targets[:, 0] > 0.5)
    return targets, weights, np.array(part.events, int)


def _smooth_targets(push_off: np.ndarray, neighbour_target: float) -> np.ndarray:
    """(T,) push-off targets; those next to a push-off become `neighbour_target` instead of 0."""
    padded = np.concatenate([[False], push_off == 1, [False]])
    next_to_push_off = padded[:-2] | padded[2:]
    return np.where(next_to_push_off & (push_off == 0), neighbour_target, push_off)


def draw_windows(videos: Sequence[InterleavedVideo], seed: int, config: HeadConfig) -> WindowPlan:
    """Windows around a push-off or anywhere. The same seed draws the same ones."""
    rng = np.random.default_rng(seed)
    shares = np.array([video.share for video in videos])
    shares /= shares.sum()
    half = config.window // 2
    numbers = np.empty((config.steps, config.batch), int)
    first = np.empty((config.steps, config.batch), int)
    for step in range(config.steps):
        numbers[step] = rng.choice(len(videos), config.batch, p=shares)
        for column, number in enumerate(numbers[step].tolist()):
            video = videos[number]
            if len(video.events) and rng.random() < config.event_window_share:
                middle = video.events[rng.integers(len(video.events))]
                middle += rng.integers(-half, half)
            else:
                middle = video.known[rng.integers(len(video.known))]
            first[step, column] = middle - half
    return WindowPlan(numbers, first)


def load_windows(
    videos: Sequence[InterleavedVideo],
    plan: WindowPlan,
    view: str,
    head: TemporalHead,
    config: HeadConfig,
) -> WindowRows:
    """The rows of all videos of which a window was drawn, as the head projects them."""
    drawn = np.unique(plan.videos).tolist()
    first_rows = np.zeros(len(videos), int)
    position = config.window
    for number in drawn:
        first_rows[number] = position
        position += len(videos[number].targets) + config.window
    features = torch.zeros(position, head.shape.components)
    targets, weights = (torch.zeros(position, len(OUTPUTS)) for _ in range(2))
    for number in drawn:
        video = videos[number]
        rows = slice(first_rows[number], first_rows[number] + len(video.targets))
        features[rows] = head.project(torch.from_numpy(video.views[view].astype(np.float32)))
        targets[rows] = torch.from_numpy(video.targets)
        weights[rows] = torch.from_numpy(video.weights)
    starts = torch.from_numpy(first_rows[plan.videos] + plan.first_frames)
    return WindowRows(features, targets, weights, starts)
