"""Training of temporal heads on extracted features: seconds on a CPU, without decoding a video.

Every head is trained by itself on one core, several of them side by side. Door: torch.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import torch

from pushoff.errors import ModelRefused
from pushoff.learning.heads.head_config import LOSS_WEIGHTS, HeadConfig
from pushoff.learning.heads.head_gradient import HeadGradient
from pushoff.learning.heads.projection import Projection, fit_projections
from pushoff.learning.heads.targets import TrainingExample
from pushoff.learning.heads.windows import (
    InterleavedVideo,
    draw_windows,
    interleaved,
    load_windows,
)
from pushoff.learning.model.temporal_head import HeadShape, TemporalHead

MAX_NORM = 1.0
"""Longer gradients are shortened to this length."""


@dataclass(frozen=True)
class HeadPlan:
    """One head that is fitted: the view it sees, its shape and the seed of all its chance."""

    view: str
    shape: HeadShape
    seed: int


def fit_heads(
    rounds: Sequence[Sequence[TrainingExample]],
    plans: Sequence[HeadPlan],
    config: HeadConfig,
    pool: ThreadPoolExecutor,
) -> Iterator[list[TemporalHead]]:
    """A head for each plan on each round's examples, round by round, in a `thread_pool`.

    The same input gives the same heads; what is fitted beside a head changes it by rounding errors
    only. Raises TooFewLabels when no video of a round shows an athlete, ModelRefused when a loss
    diverges.
    """
    shapes = {plan.view: plan.shape for plan in plans}
    features = [[example.features for example in examples] for examples in rounds]
    by_view = pool.map(
        lambda view: fit_projections(features, view, shapes[view].inputs, shapes[view].components),
        shapes,
    )
    projections = dict(zip(shapes, by_view, strict=True))
    fits = []
    for number, examples in enumerate(rounds):
        videos = interleaved(examples, config)
        heads = [_new_head(plan, projections[plan.view][number]) for plan in plans]
        fits.append(
            [
                pool.submit(_fit, *head, videos, plan, config)
                for head, plan in zip(heads, plans, strict=True)
            ]
        )
    return ([fit.result() for fit in own] for own in fits)


def _new_head(plan: HeadPlan, projection: Projection) -> tuple[TemporalHead, torch.Generator]:
    """A head of random weights, and the generator that goes on after them."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(plan.seed)
        head = TemporalHead(plan.shape)
        state = torch.get_rng_state()
    head.mean.copy_(torch.from_numpy(projection.mean))
    head.projection.copy_(torch.from_numpy(projection.matrix))
    generator = torch.Generator()
    generator.set_state(state)
    return head, generator


@torch.inference_mode()
def _fit(
    head: TemporalHead,
    generator: torch.Generator,
    videos: Sequence[InterleavedVideo],
    plan: HeadPlan,
    config: HeadConfig,
) -> TemporalHead:
    windows = draw_windows(videos, plan.seed, config)
    rows = load_windows(videos, windows, plan.view, head, config)
    gradient = HeadGradient(head, config.window, config.batch)
    frames = torch.arange(config.window)[:, None]
    gradient.parameters.grad = gradient.gradient
    optimizer = torch.optim.AdamW(
        [gradient.parameters], config.learning_rate, weight_decay=config.weight_decay, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.steps, pct_start=0.15
    )
    loss_weights = torch.tensor(LOSS_WEIGHTS)
    for first_rows in rows.first_rows:
        chosen = (first_rows + frames).view(-1)
        weights = rows.weights.index_select(0, chosen)
        weights *= loss_weights / weights.sum(0).clamp_min(torch.finfo(torch.float32).tiny)
        features = rows.features.index_select(0, chosen)
        inputs, dropout = _randomized(features, head, generator, config)
        gradient.compute(inputs, dropout, rows.targets.index_select(0, chosen), weights)
        norm = gradient.gradient.norm()
        if not torch.isfinite(norm):
            raise ModelRefused(
                "The temporal head's training diverged.",
                code="diverged",
                remedy="Lower its learning rate.",
            )
        gradient.gradient.mul_((MAX_NORM / norm).clamp_max(1.0))
        optimizer.step()
        schedule.step()
    gradient.copy_into(head)
    return head.eval()


def _randomized(
    features: torch.Tensor, head: TemporalHead, generator: torch.Generator, config: HeadConfig
) -> tuple[torch.Tensor, Sequence[torch.Tensor]]:
    """(N, components) with noise and dropout, and the dropout of each residual layer's channels.

    All of it is drawn per window, because its frames are not independent.
    """
    batch, shape = config.batch, head.shape
    scale, level = config.noise * torch.randn(2, batch, shape.components, generator=generator)
    kept = _dropout((batch, shape.components), head.input_dropout, generator)
    layers = (len(shape.dilations), batch, shape.width)
    hidden = _dropout(layers, head.hidden_dropout, generator)
    by_window = features.view(config.window, batch, shape.components)
    inputs = torch.addcmul(level * kept, by_window, (1 + scale) * kept)
    return inputs.view(features.shape), hidden.unbind()


def _dropout(size: tuple[int, ...], share: float, generator: torch.Generator) -> torch.Tensor:
    """Factors of that size: 0 for this share of them, else what keeps the mean."""
    return (torch.rand(size, generator=generator) >= share) / (1 - share)
