"""Score a model of events on labelled clips, as the field does it."""

import json
from pathlib import Path
from typing import Any

import typer

from pushoff.errors import BadInput
from pushoff.services import open_services
from sdk_scripts.clips import clip_film, clip_name, truths_of
from sdk_scripts.work import console, progress_line


def evaluate(
    clips: list[Path] = typer.Option(..., help="Folder of labelled clips with an events.json."),
    more: list[Path] = typer.Argument(None, help="Further folders: `--clips A B C`."),
    model: str | None = typer.Option(None, help="Version; without it the champion."),
    tolerance: int = typer.Option(1, help="Frames by which an event may be off."),
    own_uncertainty: bool = typer.Option(
        False, help="Let each event be off by its label's own uncertainty as well."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object and nothing else."),
) -> None:
    """Events against truth: F1, mAP, signed error, feet; only inside each clip's complete range."""
    from pushoff.events.scoring import score_clips
    from pushoff.learning.event_model import event_model
    from pushoff.learning.spotter_training import corrected
    from pushoff.learning.trunk import BOTH_WAYS

    if not 0 <= tolerance <= 1000:
        raise BadInput(f"--tolerance {tolerance}: say 0 to 1000 frames")
    truths = truths_of([*clips, *(more or [])])
    named = {clip_name(path, list(truths)): (path, truth) for path, truth in truths.items()}
    found, seen = {}, []
    with open_services() as services:
        version, spotter = event_model(services.registry, services.model_cache, model)
        with progress_line("evaluate") if not as_json else _quiet() as show:
            for number, (name, (path, truth)) in enumerate(named.items(), 1):
                show(number, len(named), f"reading clip {number}/{len(named)}")
                film = clip_film(services, path, truth, spotter.trunk, BOTH_WAYS)
                found[name] = spotter.events(film)
                if film.sha256[:16] in spotter.settings.trained_on:
                    seen.append(name)
    score = score_clips(
        corrected(found),
        {name: truth for name, (_, truth) in named.items()},
        tolerance,
        own_uncertainty=own_uncertainty,
    )
    if as_json:
        print(json.dumps({**score.as_dict(), "model": version, "seen_in_training": seen}))
        return
    _print(version, score.as_dict(), seen)


def _print(version: str, score: dict[str, Any], seen: list[str]) -> None:
    for clip in score["per_clip"]:
        mark = " (trained on)" if clip["clip"] in seen else ""
        console.print(
            f"  {clip['clip']:<28} true {clip['truth']:>3}  found {clip['found']:>3}  "
            f"F1 {clip['f1']:.3f}{mark}"
        )
    console.print(
        f"{version}: F1 {score['f1']:.3f} (precision {score['precision']:.3f}, recall "
        f"{score['recall']:.3f}) at {score['tolerance_frames']} frames, {score['clips']} clips, "
        f"{score['truth']} push-offs"
    )
    console.print(f"average precision {score['map']}; feet right {score['foot_accuracy']}")
    if score["median_abs_ms"] is not None:
        console.print(
            f"off by {score['median_abs_ms']} ms (median), {score['signed_mean_ms']} ms on average"
        )
    if seen:
        console.print(
            f"{len(seen)} of these clips were trained on: on those this is no proof of anything"
        )


class _quiet:
    """No progress where a machine reads the output."""

    def __enter__(self) -> Any:
        return lambda *words: None

    def __exit__(self, *error: object) -> None:
        return None
