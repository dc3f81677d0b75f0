"""Train the event model from labelled clips and exported labels, and register it."""

from pathlib import Path

import typer

from pushoff.errors import BadInput
from pushoff.services import open_services
from sdk_scripts.jobs import progress_bar, stdout


def train(
    clips: list[Path] = typer.Option([], help="Folder of labelled clips with an events.json."),
    more: list[Path] = typer.Argument(None, help="Further folders: `--clips A B C`."),
    export: Path | None = typer.Option(
        None, help="A Label Studio JSON export; its videos must be in storage."
    ),
    label_config: Path | None = typer.Option(
        None,
        help="The label config (XML) of the export's project; default: read from Label Studio, or "
        "inferred from the annotations if it is not available.",
    ),
    architecture: str | None = typer.Option(None, help="resnet18 or resnet34."),
    weights: str | None = typer.Option(None, help="imagenet, none, or a .safetensors file."),
    promote: bool = typer.Option(True, help="Promote it if it is not worse than the champion."),
) -> None:
    """Train an event model on labelled clips and print its score on clips held out in turn."""
    from pushoff.workflows.train_event_model import train_event_model

    folders = [*clips, *(more or [])]
    if not folders and export is None:
        raise BadInput(
            "there is nothing to train on", remedy="Name folders with --clips, or an --export."
        )
    with open_services() as services, progress_bar("train") as on_progress:
        result = train_event_model(
            services,
            folders,
            export,
            label_config=label_config,
            architecture=architecture or services.settings.architecture,
            weights=weights or services.settings.weights,
            promote=promote,
            on_progress=on_progress,
        )
    stdout.print(f"{result.version} {result.decision.reason}")
    if result.score:
        score = result.score
        stdout.print(
            f"{len(score.clips)} clips, each held out once: F1 {score.f1:.3f} at "
            f"{score.tolerance_frames} frame, exact-frame average precision "
            f"{score.average_precision[0]:.3f}, feet {score.as_dict()['foot_accuracy']}"
        )
