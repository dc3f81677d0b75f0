"""Fit the model's heads on labelled clips and on all labels that are stored, and register it."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pushoff.services import open_services
from pushoff.util.plurals import count_noun
from sdk_scripts.jobs import progress_bar, publish_champion, stdout

if TYPE_CHECKING:
    from pushoff.values import Interval, Scorecard


def train(
    clips: list[Path] = typer.Option([], help="Folder of labelled clips with an events.json."),
    more: list[Path] = typer.Argument(None, help="Further folders: `--clips A B C`."),
    promote: bool = typer.Option(True, help="Promote it if it is better than the champion."),
) -> None:
    """Store labelled clips, fit the model's heads on all labels, and print its held-out score.

    The clips stay: every later refit and retrain learns from them, too. Without a folder the heads
    are fitted on what is stored already.
    """
    from pushoff.workflows.train_model import train_model

    folders = [*clips, *(more or [])]
    with open_services() as services:
        with progress_bar("train") as on_progress:
            outcome = train_model(services, folders, promote=promote, on_progress=on_progress)
        registered = services.registry.get(outcome.version) if outcome.version else None
        stdout.print(outcome.decision)
        if registered:
            for line in scorecard_lines(registered.scorecard):
                stdout.print(line)
        if outcome.promoted:
            stdout.print(publish_champion(services, f"{outcome.version} promoted"))


def scorecard_lines(card: "Scorecard | None") -> list[str]:
    """What was held out, and the scores on it with their 95 % intervals."""
    if card is None:
        return ["held out: nothing, so there is no score"]
    groups = count_noun(len(card.groups), "athlete" if card.split_by == "athlete" else "video")
    held_out = (
        f"held out: {count_noun(card.push_offs, 'push-off')} of {groups}, "
        f"{count_noun(card.frames, 'frame')}, {card.footage} footage"
    )
    if not card.independent:
        held_out += "; provisional: it was also trained on other frames of these videos"
    lines = [
        held_out,
        f"push-offs: F1 {card.f1_within_1:.3f} {_interval(card.f1_interval)} within one frame",
        f"frames: average precision {card.average_precision:.3f} "
        f"{_interval(card.average_precision_interval)}, calibration error "
        f"{card.calibration_error:.3f}; suggestions F1 {card.f1:.3f} (precision "
        f"{card.precision:.3f}, recall {card.recall:.3f})",
    ]
    if card.picture_average_precision is not None:
        lines.append(f"pictures alone: average precision {card.picture_average_precision:.3f}")
    return lines


def _interval(interval: "Interval") -> str:
    return f"({interval.low:.3f} to {interval.high:.3f})"
