"""Score the model, or the pose rules, on labelled clips, as a table or as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from pushoff.errors import BadInput
from pushoff.services import open_services
from sdk_scripts.jobs import progress_bar, stderr, stdout

MAX_TOLERANCE_FRAMES = 1000


def evaluate(
    clips: list[Path] = typer.Option(..., help="Folder of labelled clips with an events.json."),
    more: list[Path] = typer.Argument(None, help="Further folders: `--clips A B C`."),
    model: str | None = typer.Option(
        None, help="Model version; default: the champion, or the rules before there is one."
    ),
    rules: bool = typer.Option(
        False, "--rules", help="Score the fixed rules on body landmarks instead of a model."
    ),
    tolerance: int = typer.Option(1, help="Tolerance in frames."),
    own_uncertainty: bool = typer.Option(
        False, help="Add each label's own uncertainty to the tolerance."
    ),
    as_json: bool = typer.Option(
        False, "--json", help="Print one JSON object; messages go to stderr."
    ),
) -> None:
    """Score the model on labelled clips: F1, mAP, timing error, feet.

    Only the fully labelled part of each clip is scored.
    """
    from pushoff.workflows.evaluate_model import evaluate_model

    if not 0 <= tolerance <= MAX_TOLERANCE_FRAMES:
        raise BadInput(f"--tolerance is {tolerance}, expected 0 to {MAX_TOLERANCE_FRAMES} frames")
    with open_services() as services, progress_bar("evaluate") as on_progress:
        evaluation = evaluate_model(
            services,
            [*clips, *(more or [])],
            model,
            rules=rules,
            tolerance_frames=tolerance,
            own_uncertainty=own_uncertainty,
            on_progress=on_progress,
        )
    score = evaluation.score.as_dict()
    for clip in score["per_clip"]:
        clip["trained_on"] = clip["clip"] in evaluation.trained_on
        clip["copy_of"] = evaluation.copies.get(clip["clip"])
    if as_json:
        stderr.print(f"  scored with {evaluation.version}")
        print(json.dumps(score))
    else:
        _print_table(evaluation.version, score)
    count = len(score["per_clip"])
    for warning in evidence_warnings(count, len(evaluation.trained_on), evaluation.copies):
        stderr.print(warning)


def evidence_warnings(clips: int, trained_on: int, copies: Mapping[str, str]) -> list[str]:
    """One sentence for clips the model was trained on, and one for clips that are copies.

    Of `clips` clips, `trained_on` are training videos or copies of such; `copies` maps each copy to
    its original.
    """
    warnings = []
    if trained_on:
        text = (
            "was used to train the model (or is a copy of such a clip), so its score is not a "
            "held-out score"
            if trained_on == 1
            else "were used to train the model (or are copies of such clips), so their scores are "
            "not held-out scores"
        )
        warnings.append(f"{trained_on} of these {clips} clips {text}")
    if copies:
        text = (
            "is a duplicate and is counted twice"
            if len(copies) == 1
            else "are duplicates and are counted twice"
        )
        pairs = ", ".join(f"{name} of {original}" for name, original in copies.items())
        warnings.append(f"{len(copies)} of these {clips} clips {text}: {pairs}")
    return warnings


def _print_table(version: str, score: dict[str, Any]) -> None:
    for clip in score["per_clip"]:
        mark = " (trained on)" if clip["trained_on"] else ""
        mark += f" (copy of {clip['copy_of']})" if clip["copy_of"] else ""
        stdout.print(
            f"  {clip['clip']:<28} labelled {clip['truth']:>3}  found {clip['found']:>3}  "
            f"F1 {clip['f1']:.3f}{mark}"
        )
    stdout.print(
        f"{version}: F1 {score['f1']:.3f} (precision {score['precision']:.3f}, recall "
        f"{score['recall']:.3f}) at {score['tolerance_frames']} frames, {score['clips']} clips, "
        f"{score['truth']} push-offs"
    )
    stdout.print(f"average precision {score['map']}; correct feet {score['foot_accuracy']}")
    if score["median_abs_ms"] is not None:
        stdout.print(
            f"timing error {score['median_abs_ms']} ms (median of absolute errors), "
            f"{score['signed_mean_ms']} ms (mean)"
        )
