"""`pushoff compare-architectures`: ResNet18 against ResNet34 on the labels that are stored."""

from typing import TYPE_CHECKING

import typer

from pushoff.services import open_services
from sdk_scripts.jobs import progress_bar, stdout
from sdk_scripts.train import scorecard_lines

if TYPE_CHECKING:
    from pushoff.workflows.compare_architectures import JudgedArchitecture


def compare_architectures(
    weights18: str | None = typer.Option(
        None, help="Initial weights of ResNet18; default: PUSHOFF_WEIGHTS."
    ),
    weights34: str | None = typer.Option(
        None, help="Initial weights of ResNet34; default: imagenet, or none with random weights."
    ),
    train: bool = typer.Option(True, help="Train the backbones; else only heads are fitted."),
) -> None:
    """Train and judge ResNet18 and ResNet34 on the same labels, and say which to take.

    Both are scored on the same athletes or videos, which they were not trained on. Nothing is
    registered or promoted. Takes about three times as long as a retrain.
    """
    from pushoff.workflows.compare_architectures import compare_architectures

    with open_services() as services:
        setting = services.settings.weights
        other = "none" if setting in ("none", "random", "") else "imagenet"
        weights = {"resnet18": weights18 or setting, "resnet34": weights34 or other}
        if services.settings.architecture == "resnet34":
            weights = {"resnet18": weights18 or other, "resnet34": weights34 or setting}
        with progress_bar("compare") as on_progress:
            result = compare_architectures(
                services, weights=weights, train=train, on_progress=on_progress
            )
    for judged in result.judged.values():
        for line in architecture_lines(judged):
            stdout.print(line)
    stdout.print(result.sentence)


def architecture_lines(judged: "JudgedArchitecture") -> list[str]:
    """Scores, time and memory of one architecture."""
    return [
        f"{judged.architecture}, initial weights {judged.initial_weights}",
        *(f"  {line}" for line in scorecard_lines(judged.scorecard)),
        f"  backbone {judged.backbone_s:.0f} s, features and heads {judged.heads_s:.0f} s, "
        f"{judged.memory_mib:.0f} MiB",
        *(f"  {note}" for note in judged.notes),
    ]
