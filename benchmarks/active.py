"""Strategies in docs/benchmarks.md: labels each strategy needs, ours and two libraries'.

    .venv/bin/python -m benchmarks.active ../shared/data --weights FILE [--out var/active]

DATA holds `high_jump` (pictures by class) and `sprint` (labelled clips); both are real footage.
Seeds are shared out over the machine's cores, one thread each. Prints tables, writes JSON and PNG.
"""

import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import typer

from benchmarks.active_libraries import LIBRARIES
from pushoff.active.queue import DEFAULT, EVERY_K, RANDOM, STRATEGIES, QueueConfig
from pushoff.active.simulation.labelled_set import LabelledSet
from pushoff.active.simulation.plots import curves_png
from pushoff.active.simulation.replay import Curve, Replay, replay_all, strategy_chooser
from pushoff.active.simulation.statistics import Summary, as_json, summarise
from pushoff.learning.frame.backbone import initial_backbone
from sdk_scripts.simulate import described, read_set, table

SIZE_PX = 160
SETS = {
    "high_jump": (Replay(start=4, batch=4, budget=120), 0.99),
    "sprint": (Replay(start=10, batch=15, budget=400), 0.9),
}
"""How each is replayed, and the share of the full score in its table: the first is so easy that
nine tenths are reached with the first labels."""


def main(
    data: Path, weights: str = "imagenet", seeds: int = 8, out: Path = Path("var/active")
) -> None:
    """Replay both sets with every strategy and library, print what was found."""
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    backbone = initial_backbone("resnet18", weights, SIZE_PX)
    for name, (how, share) in SETS.items():
        frames = read_set(data / name, backbone, "jump", "run", lambda word: None, "real")
        curves = _replayed(frames, how, seeds)
        told = summarise(curves)
        print(f"\n{described(frames, how, seeds, backbone)}\n")
        print("\n".join(table(told, share)), flush=True)
        for line in _verdict(told, share):
            print(line)
        (out / f"{name}.json").write_text(json.dumps(as_json(told, curves), indent=1))
        title = f"{frames.name} ({frames.footage}), {seeds} seeds"
        ours = [curve for curve in curves if curve.strategy in STRATEGIES]
        (out / f"{name}.png").write_bytes(curves_png(ours, title))
    print(f"\n{time.monotonic() - began:.0f} s on {os.cpu_count()} cores; written to {out}")


def _replayed(frames: LabelledSet, how: Replay, seeds: int) -> list[Curve]:
    own = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=own) as pool:
        parts = [pool.submit(_one_seed, frames, how, seed) for seed in range(1, 1 + seeds)]
        return [curve for part in parts for curve in part.result()]


def _one_seed(frames: LabelledSet, how: Replay, seed: int) -> list[Curve]:
    ours = {name: strategy_chooser(QueueConfig(name)) for name in STRATEGIES}
    return replay_all(frames, ours | LIBRARIES, how, [seed])


def _verdict(told: list[Summary], share: float) -> list[str]:
    """What the table says, also where it says that nothing was gained."""
    by_name = {one.strategy: one for one in told}
    ours = [one for one in told if one.strategy in STRATEGIES]
    ahead = [one.strategy for one in ours if one.area_to_random and one.area_to_random.low > 0]
    behind = [one.strategy for one in told if not one.not_worse_than_random]
    even = [one for one in ours if one.strategy not in (RANDOM, EVERY_K)]
    fewest = min(even, key=lambda one: (one.needed[share].labels.mean, -one.area.mean))
    default, needed = by_name[DEFAULT], by_name[DEFAULT].needed[share]
    return [
        f"ahead of random by more than the interval: {', '.join(ahead) or 'none'}",
        f"behind it by more than the interval: {', '.join(behind) or 'none'}",
        f"fewest labels to {share:.0%}: {fewest.strategy} ({fewest.needed[share].labels.mean:.0f})",
        f"default {DEFAULT}: {needed.labels.mean:.0f} labels, area minus random's "
        f"{default.area_to_random.as_list()}, minus every k-th's "
        f"{default.area_to_every_k.as_list()}",
    ]


if __name__ == "__main__":
    typer.run(main)
