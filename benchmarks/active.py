"""Labels each query strategy needs, ours and those of two libraries (docs/benchmarks.md).

    .venv/bin/python -m benchmarks.active ../shared/data --weights FILE [--out var/active]

DATA holds `high_jump` (images by class) and `sprint` (labelled clips); both are real footage.
Seeds run in parallel, one core and one thread each. Prints tables, writes JSON and PNG.
"""

import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import typer

from benchmarks.active_libraries import LIBRARIES
from pushoff.active.queue import DEFAULT, RANDOM, STRATEGIES
from pushoff.active.simulation.every_kth import EVERY_K
from pushoff.active.simulation.labelled_set import LabelledSet
from pushoff.active.simulation.plots import curves_png
from pushoff.active.simulation.replay import Curve, ReplayConfig, choosers_of, replay_all
from pushoff.active.simulation.statistics import Summary, as_json, summarise
from pushoff.learning.features.feature_extractor import load_feature_extractor
from sdk_scripts.simulate import describe, read_set, table

SIZE_PX = 224
OURS = (*STRATEGIES, EVERY_K)
SETS = {
    "high_jump": (ReplayConfig(start=4, batch=4, budget=120), 0.99),
    "sprint": (ReplayConfig(start=10, batch=15, budget=400), 0.9),
}
"""Replay configuration, and the share of the full score in the table: 0.99 where the first labels
already reach 0.9."""


def main(
    data: Path, weights: str = "imagenet", seeds: int = 8, out: Path = Path("var/active")
) -> None:
    """Replay both data sets with every strategy and library, and print the tables."""
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    backbone, _ = load_feature_extractor("resnet18", weights, SIZE_PX)
    for name, (config, share) in SETS.items():
        frames = read_set(data / name, backbone, "jump", "run", lambda progress: None, "real")
        curves = _replay(frames, config, seeds)
        summaries = summarise(curves)
        print(f"\n{describe(frames, config, seeds, backbone)}\n")
        print("\n".join(table(summaries, share)), flush=True)
        for line in _verdict(summaries, share):
            print(line)
        (out / f"{name}.json").write_text(json.dumps(as_json(summaries, curves), indent=1))
        title = f"{frames.name} ({frames.footage}), {seeds} seeds"
        ours = [curve for curve in curves if curve.strategy in OURS]
        (out / f"{name}.png").write_bytes(curves_png(ours, title))
    print(f"\n{time.monotonic() - began:.0f} s on {os.cpu_count()} cores; results in {out}")


def _replay(frames: LabelledSet, config: ReplayConfig, seeds: int) -> list[Curve]:
    context = multiprocessing.get_context("spawn")  # torch's threads do not survive a fork
    with ProcessPoolExecutor(max_workers=os.cpu_count(), mp_context=context) as pool:
        parts = [pool.submit(_one_seed, frames, config, seed) for seed in range(1, 1 + seeds)]
        return [curve for part in parts for curve in part.result()]


def _one_seed(frames: LabelledSet, config: ReplayConfig, seed: int) -> list[Curve]:
    return replay_all(frames, choosers_of(OURS) | LIBRARIES, config, [seed])


def _verdict(summaries: list[Summary], share: float) -> list[str]:
    """The table in sentences, also where nothing was gained."""
    by_name = {summary.strategy: summary for summary in summaries}
    to_random = {s.strategy: s.area_to_random for s in summaries if s.area_to_random}
    ahead = [name for name, gain in to_random.items() if name in OURS and gain.low > 0]
    behind = [name for name, gain in to_random.items() if gain.high < 0]
    strategies = [s for s in summaries if s.strategy in STRATEGIES and s.strategy != RANDOM]
    fewest = min(strategies, key=lambda s: (s.needed[share].labels.mean, -s.area.mean))
    default, needed = by_name[DEFAULT], by_name[DEFAULT].needed[share]
    return [
        f"significantly better than random: {', '.join(ahead) or 'none'}",
        f"significantly worse than random: {', '.join(behind) or 'none'}",
        f"fewest labels to {share:.0%}: {fewest.strategy} ({fewest.needed[share].labels.mean:.0f})",
        f"default {DEFAULT}: {needed.labels.mean:.0f} labels, area minus random's "
        f"{default.area_to_random.as_list()}, minus every k-th's "
        f"{default.area_to_every_k.as_list()}",
    ]


if __name__ == "__main__":
    typer.run(main)
