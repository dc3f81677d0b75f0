"""`pushoff simulate`: replay labelling on labelled data and compare query strategies."""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pushoff.errors import BadInput
from pushoff.util.progress import OnProgress, Progress
from pushoff.workflows.steps.data.labelled_clips import (
    assumed_capture_fps,
    clip_name,
    ground_truths_of,
)
from sdk_scripts.jobs import progress_bar, stdout

if TYPE_CHECKING:
    from pushoff.active.simulation.labelled_set import LabelledSet
    from pushoff.active.simulation.replay import ReplayConfig
    from pushoff.active.simulation.statistics import Interval, Needed, Summary
    from pushoff.learning.features.feature_extractor import FeatureExtractor

RENDERED_FPS = 30
"""Capture rate of the rendered drills: low, so that whole videos are replayed in a second or
two."""


def simulate(
    folder: Path | None = typer.Argument(
        None, help="Labelled clips with an events.json, or images <athlete>_<frame>.jpg by class."
    ),
    synthetic: int = typer.Option(
        0, min=0, help="Use this many synthetic drills instead of a folder."
    ),
    positive: str = typer.Option("jump", help="Positive class folder, for a folder of images."),
    negative: str = typer.Option("run", help="Negative class folder."),
    footage: str = typer.Option("unknown", help="Whether the images are real or synthetic."),
    strategy: list[str] = typer.Option([], help="Only these strategies; default: all."),
    seeds: int = typer.Option(
        5,
        min=2,
        help="Number of replays of each strategy, each with different athletes held out.",
    ),
    start: int = typer.Option(
        10, min=1, help="Number of labels before the first model is trained."
    ),
    batch: int = typer.Option(10, min=1, help="Number of new labels for each further model."),
    budget: int = typer.Option(300, min=2, help="Maximum number of labels."),
    weights: str | None = typer.Option(None, help="imagenet, none, or a .safetensors file."),
    size_px: int | None = typer.Option(None, help="Side of the network's input, pixels."),
    out: Path | None = typer.Option(
        None, help="JSON file to write; the curves are saved beside it as PNG."
    ),
) -> None:
    """Replay labelling with each strategy on labelled data and compare their learning curves."""
    from pushoff.active.simulation.plots import curves_png
    from pushoff.active.simulation.replay import ReplayConfig, choosers_of, replay_all
    from pushoff.active.simulation.statistics import as_json, summarise
    from pushoff.learning.features.feature_extractor import load_feature_extractor
    from pushoff.settings import Settings
    from pushoff.util.atomic_write import write_atomic

    choosers = choosers_of(strategy)
    if (folder is None) == (synthetic == 0):
        raise BadInput("give either a folder or --synthetic with a number of drills")
    if out is not None and (out.is_dir() or not out.resolve().parent.is_dir()):
        raise BadInput(f"--out {out}: name a file in an existing folder")
    settings = Settings()
    backbone, _ = load_feature_extractor(
        settings.architecture, weights or settings.weights, size_px or settings.size_px
    )
    config = ReplayConfig(start, batch, budget)
    with progress_bar("simulate") as on_progress:
        if folder is not None:
            data = read_set(folder, backbone, positive, negative, on_progress, footage)
        else:
            data = rendered_set(synthetic, backbone, on_progress)
        number = iter(range(1, 1 + seeds * len(choosers)))
        curves = replay_all(
            data,
            choosers,
            config,
            range(1, 1 + seeds),
            lambda name, seed: on_progress(
                Progress(f"{name}, seed {seed},", next(number), seeds * len(choosers), "task")
            ),
        )
    summaries = summarise(curves)
    stdout.print(describe(data, config, seeds, backbone))
    for line in table(summaries, 0.9):
        stdout.print(line)
    if out is not None:
        metadata = {
            "data": data.name,
            "footage": data.footage,
            "frames": len(data),
            "positives": int(data.labels.sum()),
            "athletes": len(set(data.groups)),
            "architecture": backbone.architecture,
            "initial_weights": backbone.initial_weights,
            "backbone": backbone.fingerprint,
            "start": start,
            "batch": batch,
            "budget": budget,
        }
        write_atomic(out, json.dumps(metadata | as_json(summaries, curves), indent=1).encode())
        plot = out.with_suffix(".png")
        write_atomic(plot, curves_png(curves, f"{data.name} ({data.footage}), {seeds} seeds"))
        stdout.print(f"wrote {out} and {plot}")


def read_set(
    folder: Path,
    backbone: "FeatureExtractor",
    positive: str,
    negative: str,
    on_progress: OnProgress,
    footage: str = "unknown",
) -> "LabelledSet":
    """A folder of labelled clips if it has an events.json, else of images by class.

    Raises BadInput, VideoRefused.
    """
    from pushoff.active.simulation.replay_data import clips_set, images_set

    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder")
    if not (folder / "events.json").exists():
        return images_set(folder, positive, negative, backbone, on_progress, footage)
    truths = ground_truths_of([folder])
    clips = {
        clip_name(path, list(truths)): (path, truth, assumed_capture_fps(truth))
        for path, truth in truths.items()
    }
    return clips_set(folder.resolve().name, clips, backbone, on_progress=on_progress)


def rendered_set(
    count: int, backbone: "FeatureExtractor", on_progress: OnProgress
) -> "LabelledSet":
    """Render `count` drills, at least three. Raises BadInput."""
    from pushoff.active.simulation.replay_data import clips_set
    from pushoff.synthetic.render import random_spec, render_drills

    if count < 3:
        raise BadInput(
            f"--synthetic {count}: use at least 3 drills, so that athletes can be held out"
        )
    with tempfile.TemporaryDirectory(prefix="simulate-") as name:
        on_progress(Progress(f"rendering {count} drills"))
        specs = [
            random_spec(seed, capture_fps=RENDERED_FPS, file_fps=None) for seed in range(count)
        ]
        render_drills(Path(name), specs)
        truths = ground_truths_of([Path(name)])
        clips = {
            path.name: (path, truth, assumed_capture_fps(truth)) for path, truth in truths.items()
        }
        return clips_set(f"{count} rendered drills", clips, backbone, on_progress=on_progress)


def describe(
    data: "LabelledSet", config: "ReplayConfig", seeds: int, backbone: "FeatureExtractor"
) -> str:
    """Data set and configuration of a replay, in two lines."""
    video_ids = list(dict.fromkeys(data.video_ids))
    names = ", ".join(video_ids) if len(video_ids) <= 12 else f"{len(video_ids)} videos"
    return (
        f"{data.name} ({data.footage}; {names}): {len(data)} frames, {int(data.labels.sum())} "
        f"positive, {len(set(data.groups))} athletes, a third of them held out by each of "
        f"{seeds} seeds\n{config.start} labels first, then {config.batch} per round, at most "
        f"{config.budget}; {backbone.architecture}, weights {backbone.initial_weights}"
    )


def table(summaries: "list[Summary]", share: float) -> list[str]:
    """A Markdown table: area, labels needed and query time of each strategy, 95 % intervals."""
    rows = [
        f"| strategy | area under the curve | difference from random | labels to "
        f"{share:.0%} of full | relative to random | relative to every k-th | ms per query |",
        "|---|---|---|---|---|---|---|",
    ]
    for summary in summaries:
        needed = summary.needed[share]
        rows.append(
            f"| {summary.strategy} | {_plus_minus(summary.area, 3)} "
            f"| {_plus_minus(summary.area_to_random, 3, sign='+')} "
            f"| {_labels(needed, summary.seeds)} "
            f"| {_ratio(needed.to_random, needed.bound_to_random)} "
            f"| {_ratio(needed.to_every_k, needed.bound_to_every_k)} | {summary.query_ms:.0f} |"
        )
    return rows


def _plus_minus(interval: "Interval | None", digits: int, sign: str = "") -> str:
    if interval is None:
        return ""
    half = interval.high - interval.mean
    return f"{interval.mean:{sign}.{digits}f} ± {half:.{digits}f}"


def _labels(needed: "Needed", seeds: int) -> str:
    labels = _plus_minus(needed.labels, 0)
    return (
        labels if needed.reached == seeds else f"{labels} (reached in {needed.reached} of {seeds})"
    )


def _ratio(ratio: "Interval | None", bound: str) -> str:
    if ratio is None:
        return ""
    mark = {"<=": "≤ ", ">=": "≥ ", "?": "~ "}.get(bound, "")
    return f"{mark}{ratio.mean:.2f} ({ratio.low:.2f} to {ratio.high:.2f})"
