"""Replay labelling on data whose labels are known: what would each strategy have cost?"""

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from pushoff.errors import BadInput
from pushoff.util.progress import OnProgress, Progress
from pushoff.workflows.steps.labelled_clips import assumed_capture_fps, clip_name, ground_truths_of
from sdk_scripts.jobs import progress_bar, stdout

if TYPE_CHECKING:
    from pushoff.active.simulation.labelled_set import LabelledSet
    from pushoff.active.simulation.statistics import Interval, Needed, Summary
    from pushoff.learning.frame.backbone import Backbone

RENDERED_FPS = 30
"""Camera's rate of rendered drills: then whole videos are replayed, in a second or two each."""


def simulate(
    folder: Path | None = typer.Argument(
        None, help="Labelled clips with an events.json, or pictures <athlete>_<frame>.jpg by class."
    ),
    synthetic: int = typer.Option(
        0, min=0, help="Use this many synthetic drills instead of a folder."
    ),
    positive: str = typer.Option("jump", help="Positive class folder, for a folder of pictures."),
    negative: str = typer.Option("run", help="Negative class folder."),
    footage: str = typer.Option("unknown", help="Whether the pictures are real or synthetic."),
    strategy: list[str] = typer.Option([], help="Only these strategies; default: all."),
    seeds: int = typer.Option(
        5, min=2, help="Replays of each strategy; each holds out other athletes."
    ),
    start: int = typer.Option(10, min=1, help="Labels before the first model."),
    batch: int = typer.Option(10, min=1, help="Labels between two models."),
    budget: int = typer.Option(300, min=2, help="Most labels."),
    weights: str | None = typer.Option(None, help="imagenet, none, or a .safetensors file."),
    size_px: int | None = typer.Option(None, help="Side of the network's input, pixels."),
    out: Path | None = typer.Option(
        None, help="JSON file to write; the curves are written beside it as PNG."
    ),
) -> None:
    """Replay labelling with each strategy on labelled data and compare their learning curves."""
    from pushoff.active.queue import STRATEGIES, QueueConfig
    from pushoff.active.simulation.plots import curves_png
    from pushoff.active.simulation.replay import Replay, replay_all, strategy_chooser
    from pushoff.active.simulation.statistics import as_json, summarise
    from pushoff.learning.frame.backbone import initial_backbone
    from pushoff.settings import Settings
    from pushoff.util.atomic_write import write_atomic

    plans = {name: QueueConfig(name) for name in strategy or STRATEGIES}
    if (folder is None) == (synthetic == 0):
        raise BadInput("say what to replay on: a folder, or --synthetic and how many drills")
    if out is not None and (out.is_dir() or not out.resolve().parent.is_dir()):
        raise BadInput(f"--out {out}: name a file in a folder that is there")
    settings = Settings()
    backbone = initial_backbone(
        settings.architecture, weights or settings.weights, size_px or settings.size_px
    )
    how = Replay(start, batch, budget)
    with progress_bar("simulate") as on_progress:
        if folder is not None:
            data = read_set(folder, backbone, positive, negative, on_progress, footage)
        else:
            data = rendered_set(synthetic, backbone, on_progress)
        done = iter(range(1, 1 + seeds * len(plans)))
        curves = replay_all(
            data,
            {name: strategy_chooser(plan) for name, plan in plans.items()},
            how,
            range(1, 1 + seeds),
            lambda name, seed: on_progress(
                Progress(f"{name}, seed {seed},", next(done), seeds * len(plans), "task")
            ),
        )
    told = summarise(curves)
    stdout.print(described(data, how, seeds, backbone))
    for line in table(told, 0.9):
        stdout.print(line)
    if out is not None:
        facts = {
            "data": data.name,
            "footage": data.footage,
            "frames": len(data),
            "positives": int(data.labels.sum()),
            "athletes": len(set(data.groups)),
            "backbone": f"{backbone.architecture} {backbone.initial} {backbone.key}",
            "start": start,
            "batch": batch,
            "budget": budget,
        }
        write_atomic(out, json.dumps(facts | as_json(told, curves), indent=1).encode())
        picture = out.with_suffix(".png")
        write_atomic(picture, curves_png(curves, f"{data.name} ({data.footage}), {seeds} seeds"))
        stdout.print(f"written: {out}, {picture}")


def read_set(
    folder: Path,
    backbone: "Backbone",
    positive: str,
    negative: str,
    on_progress: OnProgress,
    footage: str = "unknown",
) -> "LabelledSet":
    """A folder of labelled clips if it has an events.json, else of pictures by class.

    Raises BadInput, VideoRefused.
    """
    from pushoff.active.simulation.replay_data import clips_set, pictures_set

    if not folder.is_dir():
        raise BadInput(f"{folder} is not a folder")
    if not (folder / "events.json").exists():
        return pictures_set(folder, positive, negative, backbone, on_progress, footage)
    truths = ground_truths_of([folder])
    clips = {
        clip_name(path, list(truths)): (path, truth, assumed_capture_fps(truth))
        for path, truth in truths.items()
    }
    return clips_set(folder.resolve().name, clips, backbone, on_progress=on_progress)


def rendered_set(count: int, backbone: "Backbone", on_progress: OnProgress) -> "LabelledSet":
    """`count` rendered drills, at least three. Raises BadInput."""
    from pushoff.active.simulation.replay_data import clips_set
    from pushoff.synthetic.render import random_spec, render_drills

    if count < 3:
        raise BadInput(f"--synthetic {count}: of fewer than 3 drills nobody can be held out")
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


def described(data: "LabelledSet", how: Any, seeds: int, backbone: "Backbone") -> str:
    """What was replayed, in two lines."""
    sessions = list(dict.fromkeys(data.sessions))
    named = ", ".join(sessions) if len(sessions) <= 12 else f"{len(sessions)} sessions"
    return (
        f"{data.name} ({data.footage}; {named}): {len(data)} frames, {int(data.labels.sum())} "
        f"looked for, {len(set(data.groups))} athletes, a third of them held out by each of "
        f"{seeds} seeds\n{how.start} labels to begin with, {how.batch} a round, {how.budget} at "
        f"most; {backbone.architecture}, weights {backbone.initial}"
    )


def table(told: "list[Summary]", share: float) -> list[str]:
    """Rows for docs/benchmarks.md: each strategy's area, labels needed and time, 95 % intervals."""
    rows = [
        f"| strategy | area under the curve | minus random's | labels to {share:.0%} of full | "
        "relative to random | relative to every k-th | ms per choice |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in told:
        needed = one.needed[share]
        rows.append(
            f"| {one.strategy} | {_shown(one.area, 3)} | {_shown(one.area_to_random, 3, sign='+')} "
            f"| {_labels(needed, one.seeds)} | {_ratio(needed.to_random, needed.bound_to_random)} "
            f"| {_ratio(needed.to_every_k, needed.bound_to_every_k)} | {one.query_ms:.0f} |"
        )
    return rows


def _shown(one: "Interval | None", digits: int, sign: str = "") -> str:
    if one is None:
        return ""
    return f"{one.mean:{sign}.{digits}f} ± {one.high - one.mean:.{digits}f}"


def _labels(needed: "Needed", seeds: int) -> str:
    words = _shown(needed.labels, 0)
    return words if needed.reached == seeds else f"{words} ({needed.reached} of {seeds} got there)"


def _ratio(one: "Interval | None", bound: str) -> str:
    if one is None:
        return ""
    mark = {"<=": "≤ ", ">=": "≥ ", "?": "~ "}.get(bound, "")
    return f"{mark}{one.mean:.2f} ({one.low:.2f} to {one.high:.2f})"
