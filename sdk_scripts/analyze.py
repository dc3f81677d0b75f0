"""One video to a report: JSON, CSV and a page, without Label Studio or Redis."""

import json
import os
import tempfile
from pathlib import Path

import typer

from pushoff.errors import BadInput
from pushoff.events.measure.calibration_file import load_calibration
from pushoff.services import open_services
from pushoff.values import Exercise
from sdk_scripts.jobs import progress_bar, stdout

FILES = ("report.json", "push_offs.csv", "report.html")


def analyze(
    video: Path = typer.Argument(help="The video: MP4, MOV, MKV or AVI."),
    model: str | None = typer.Option(
        None, help="Model version; default: the champion, or the rules before there is one."
    ),
    capture_fps: float | None = typer.Option(
        None, help="The camera's frame rate; required for slow-motion files."
    ),
    calibration: Path | None = typer.Option(
        None, help="JSON file: pixels per metre, two points, or four or more ground points."
    ),
    exercise: Exercise | None = typer.Option(
        None, help="The exercise the athlete was asked to do."
    ),
    out: str | None = typer.Option(None, help="Folder for the report; default: VIDEO-report."),
) -> None:
    """Analyse one video: push-offs, feet, exercise, times and, with a calibration, distances."""
    from pushoff.report.html import render_html
    from pushoff.report.json_csv import as_json, csv_text
    from pushoff.util.atomic_write import write_atomic
    from pushoff.workflows.analyze import analyze_video

    if not video.is_file():
        raise BadInput(f"{video} is not a file")
    ground = load_calibration(calibration) if calibration else None
    folder = report_folder(f"{video.stem}-report" if out is None else out)
    with open_services() as services, progress_bar(f"analyze {video.name}") as on_progress:
        result = analyze_video(
            services,
            video,
            model_version=model,
            capture_fps=capture_fps,
            calibration=ground,
            requested=exercise,
            on_progress=on_progress,
        )
    report = result.report
    text = json.dumps(as_json(report), indent=1, allow_nan=False, ensure_ascii=False)
    contents = (text, csv_text(report), render_html(report, result.images))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in zip(FILES, contents, strict=True):  # none before all have been rendered
        write_atomic(folder / name, content.encode())
    stdout.print(report.headline)
    for warning in report.warnings:
        stdout.print(f"  {warning}")
    stdout.print(f"  {folder / 'report.html'}, push_offs.csv, report.json")


def report_folder(name: str) -> Path:
    """The folder, not created yet, if the report can be written there. Raises BadInput.

    Checked before the analysis, which takes minutes.
    """
    if not name.strip():
        raise BadInput("--out is empty", code="empty_out", remedy="Name a folder for the report.")
    folder = Path(name)
    existing = folder
    try:
        while not os.path.lexists(existing):
            existing = existing.parent
        if not existing.is_dir():
            raise BadInput(
                f"--out {name}: {existing} is a file, not a folder", code="out_is_a_file"
            )
        for file in FILES:
            if (folder / file).is_dir():
                raise BadInput(
                    f"--out {name}: {file} in it is a folder",
                    code="out_has_a_folder",
                    remedy="Name another folder.",
                )
        with tempfile.TemporaryDirectory(prefix=".pushoff-", dir=existing):
            return folder
    except OSError as error:
        raise BadInput(
            f"--out {name}: {existing} is not writable ({error.strerror})",
            code="out_not_writable",
            remedy="Name another folder.",
        ) from None
