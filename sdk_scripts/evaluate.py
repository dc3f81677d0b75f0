"""Score a model of events on labelled clips, as the field does it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from pushoff.errors import BadInput
from pushoff.services import open_services
from pushoff.util.progress import Progress
from pushoff.workflows.steps.labelled_clips import clip_name, ground_truths_of, load_video_features
from sdk_scripts.jobs import progress_bar, stderr, stdout


def evaluate(
    clips: list[Path] = typer.Option(..., help="Folder of labelled clips with an events.json."),
    more: list[Path] = typer.Argument(None, help="Further folders: `--clips A B C`."),
    model: str | None = typer.Option(None, help="Model version; default: the champion."),
    tolerance: int = typer.Option(1, help="Tolerance in frames."),
    own_uncertainty: bool = typer.Option(
        False, help="Add each label's own uncertainty to the tolerance."
    ),
    as_json: bool = typer.Option(
        False, "--json", help="Print one JSON object; messages go to stderr."
    ),
) -> None:
    """Score an event model on labelled clips: F1, mAP, timing error, feet.

    Only the range in which a clip is completely labelled counts.
    """
    from pushoff.events.scoring import score_clips
    from pushoff.learning.event.champion import load_event_champion
    from pushoff.learning.event.training import with_corrected_feet
    from pushoff.learning.feature_extractor import WITH_MIRROR

    if not 0 <= tolerance <= 1000:
        raise BadInput(f"--tolerance {tolerance}: say 0 to 1000 frames")
    truths = ground_truths_of([*clips, *(more or [])])
    named = {clip_name(path, list(truths)): (path, truth) for path, truth in truths.items()}
    found, sha256 = {}, {}
    with open_services() as services:
        version, spotter = load_event_champion(services.registry, services.model_cache, model)
        with progress_bar("evaluate") as on_progress:
            for number, (name, (path, truth)) in enumerate(named.items(), 1):
                on_progress(Progress("analysing clips", number, len(named), "clip"))
                video = load_video_features(services, path, truth, spotter.extractor, WITH_MIRROR)
                found[name], sha256[name] = spotter.find_events(video), video.sha256
    score = score_clips(
        with_corrected_feet(found),
        {name: truth for name, (_, truth) in named.items()},
        tolerance,
        own_uncertainty=own_uncertainty,
    ).as_dict()
    known = {name for name, one in sha256.items() if one[:16] in spotter.settings.trained_on}
    copies = copies_of(sha256)
    for clip in score["per_clip"]:
        clip["trained_on"] = clip["clip"] in known
        clip["copy_of"] = copies.get(clip["clip"])
    if as_json:
        stderr.print(f"  scored with {version}")
        print(json.dumps(score))
    else:
        _print(version, score)
    for doubt in doubts(len(named), len(known), copies):
        stderr.print(doubt)


def copies_of(sha256: Mapping[str, str]) -> dict[str, str]:
    """Of the clips with the bytes of one before them, which that is; `sha256` by clip."""
    first: dict[str, str] = {}
    before = {name: first.setdefault(digest, name) for name, digest in sha256.items()}
    return {name: other for name, other in before.items() if name != other}


def doubts(clips: int, known: int, copies: Mapping[str, str]) -> list[str]:
    """A sentence each for clips that prove nothing: trained on (or copies of such), or twice."""
    said = []
    if known:
        are = "is a video" if known == 1 else "are videos"
        said.append(
            f"{known} of these {clips} clips {are} the model was trained on, or a copy: scores on "
            "these are not held-out"
        )
    if copies:
        are = "is a copy" if len(copies) == 1 else "are copies"
        which = ", ".join(f"{name} of {other}" for name, other in copies.items())
        said.append(
            f"{len(copies)} of these {clips} clips {are} of others among them and counted once "
            f"more: {which}"
        )
    return said


def _print(version: str, score: dict[str, Any]) -> None:
    for clip in score["per_clip"]:
        mark = " (trained on)" if clip["trained_on"] else ""
        mark += f" (copy of {clip['copy_of']})" if clip["copy_of"] else ""
        stdout.print(
            f"  {clip['clip']:<28} true {clip['truth']:>3}  found {clip['found']:>3}  "
            f"F1 {clip['f1']:.3f}{mark}"
        )
    stdout.print(
        f"{version}: F1 {score['f1']:.3f} (precision {score['precision']:.3f}, recall "
        f"{score['recall']:.3f}) at {score['tolerance_frames']} frames, {score['clips']} clips, "
        f"{score['truth']} push-offs"
    )
    stdout.print(f"average precision {score['map']}; feet right {score['foot_accuracy']}")
    if score["median_abs_ms"] is not None:
        stdout.print(
            f"off by {score['median_abs_ms']} ms (median), {score['signed_mean_ms']} ms on average"
        )
