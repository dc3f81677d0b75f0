"""Fitting the temporal heads of a refit: side by side, against plain PyTorch one after the other.

    .venv/bin/python -m benchmarks.fit ../shared/data --weights FILE [--pairs 5]

DATA holds folders of labelled clips. Frames of them are answered in the order of the queue, as
their events.json says. Six heads are fitted for each round in which folds are held out, and six on
everything. Each pair fits the six heads of one of these rounds in both ways; the plain way trains
the same heads on the same windows with autograd. Then all rounds are fitted at once.
"""

import time
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import torch
import typer
from torch.nn import functional

from benchmarks.suggestion_clips import load_clips
from benchmarks.suggestion_replay import Replay
from benchmarks.suggestions import PLACES, divide
from pushoff.active.queue import DEFAULT
from pushoff.learning.heads.fit_head import HeadPlan, fit_heads
from pushoff.learning.heads.fit_sequence import SequenceConfig, head_plans
from pushoff.learning.heads.head_config import LOSS_WEIGHTS, HeadConfig
from pushoff.learning.heads.hold_out import hold_out_rounds
from pushoff.learning.heads.projection import fit_projections
from pushoff.learning.heads.targets import TrainingExample
from pushoff.learning.heads.windows import draw_windows, interleaved, load_windows
from pushoff.learning.model.temporal_head import TemporalHead
from pushoff.learning.thread_pool import thread_pool

Rounds = Sequence[Sequence[TrainingExample]]
Heads = list[list[TemporalHead]]


def main(
    data: Path,
    weights: str = "imagenet",
    answers: int = typer.Option(480, help="Frames that are answered."),
    pairs: int = 5,
    out: Path = Path("var/suggestions"),
) -> None:
    """Fit in both ways in turn and print the medians."""
    clips, _ = divide(load_clips(data, tuple(PLACES), weights, out), seed=1)
    replay = Replay(clips, weights, 1, DEFAULT)
    replay.answer_up_to(answers)
    training = replay.training_data()
    rounds = [
        [example for video in training.videos if (example := video.example(held_out)) is not None]
        for held_out in (*hold_out_rounds(training, training.folds), ())
    ]
    plans = head_plans(SequenceConfig(), seed=1)
    print(f"{len(training.videos)} clips, {replay.answers} answers", flush=True)
    times, differences = [], []
    for number in range(pairs):
        own = [rounds[number % len(rounds)]]
        plain, plain_s = measured(fit_plainly, own, plans)
        ours, ours_s = measured(fit_side_by_side, own, plans)
        times.append((plain_s, ours_s))
        differences.append(largest_difference(plain, ours))
    for column, name in enumerate(("elapsed", "processor")):
        plain_s, ours_s = np.median([[way[column] for way in pair] for pair in times], axis=0)
        ratio = np.median([pair[0][column] / pair[1][column] for pair in times])
        print(f"{name}: plain {plain_s:.1f} s, side by side {ours_s:.1f} s, ratio {ratio:.1f}")
    print(f"largest difference of a weight: {max(differences):.0e}")
    _, (elapsed_s, processor_s) = measured(fit_side_by_side, rounds, plans)
    print(f"all {len(rounds) * len(plans)}: {elapsed_s:.1f} s, processor {processor_s:.1f} s")


def measured(
    fit: Callable[[Rounds, Sequence[HeadPlan]], Heads], rounds: Rounds, plans: Sequence[HeadPlan]
) -> tuple[Heads, tuple[float, float]]:
    """The heads; elapsed and processor seconds."""
    began, processor = time.monotonic(), time.process_time()
    heads = fit(rounds, plans)
    return heads, (time.monotonic() - began, time.process_time() - processor)


def fit_side_by_side(rounds: Rounds, plans: Sequence[HeadPlan]) -> Heads:
    """As the service does."""
    with thread_pool() as pool:
        return list(fit_heads(rounds, plans, HeadConfig(), pool))


def fit_plainly(rounds: Rounds, plans: Sequence[HeadPlan]) -> Heads:
    """Each head by itself, on one core: several are slower for so small a network."""
    with thread_pool():
        return [[_fit(examples, plan, HeadConfig()) for plan in plans] for examples in rounds]


def _fit(examples: Sequence[TrainingExample], plan: HeadPlan, config: HeadConfig) -> TemporalHead:
    torch.manual_seed(plan.seed)
    shape = plan.shape
    head = TemporalHead(shape)
    features = [example.features for example in examples]
    [projection] = fit_projections([features], plan.view, shape.inputs, shape.components)
    head.mean.copy_(torch.from_numpy(projection.mean))
    head.projection.copy_(torch.from_numpy(projection.matrix))
    videos = interleaved(examples, config)
    windows = draw_windows(videos, plan.seed, config)
    rows = load_windows(videos, windows, plan.view, head, config)
    optimizer = torch.optim.AdamW(
        head.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, total_steps=config.steps, pct_start=0.15
    )
    loss_weights, per_window = torch.tensor(LOSS_WEIGHTS), (config.batch, 1, shape.components)
    for first_rows in rows.first_rows:
        chosen = first_rows[:, None] + torch.arange(config.window)
        inputs = rows.features[chosen] * (1 + config.noise * torch.randn(per_window))
        inputs = inputs + config.noise * torch.randn(per_window)
        weights = rows.weights[chosen]
        weights = weights * loss_weights / weights.sum((0, 1)).clamp_min(1e-9)
        loss = functional.binary_cross_entropy_with_logits(
            head.forward_projected(inputs), rows.targets[chosen], weights, reduction="sum"
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return head.eval()


def largest_difference(heads: Heads, others: Heads) -> float:
    """Of any weight of the heads."""
    pairs = zip(chain.from_iterable(heads), chain.from_iterable(others), strict=True)
    return max(
        float((a - b).abs().max())
        for first, second in pairs
        for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


if __name__ == "__main__":
    typer.run(main)
