"""One video to a report: JSON, CSV and a page, without Label Studio or Redis."""

import json
import os
import tempfile
from pathlib import Path

import typer

from pushoff.errors import BadInput
from pushoff.events.measure.calibration_file import load_calibration
from pushoff.services import open_services
from pushoff.util.progress import Progress
from pushoff.values import Exercise
from sdk_scripts.jobs import progress_bar, stdout

FILES = ("report.json", "push_offs.csv", "report.html")


def analyze(
    video: Path = typer.Argument(help="The video: MP4, MOV, MKV or AVI."),
    model: str | None = typer.Option(None, help="Model version; default: the champion."),
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
    from pushoff.learning.event.champion import load_event_champion
    from pushoff.learning.event.extract_features import load_or_extract
    from pushoff.learning.feature_extractor import WITH_MIRROR
    from pushoff.report.html import render_html
    from pushoff.report.json_csv import as_json, csv_text
    from pushoff.util.atomic_write import write_atomic
    from pushoff.workflows.analyze import analyze_video

    if not video.is_file():
        raise BadInput(f"{video} is not a file")
    measured = load_calibration(calibration) if calibration else None
    folder = report_folder(f"{video.stem}-report" if out is None else out)
    with open_services() as services, progress_bar(f"analyze {video.name}") as on_progress:
        version, spotter = load_event_champion(services.registry, services.model_cache, model)
        features = load_or_extract(
            services.storage,
            video,
            capture_fps,
            spotter.extractor,
            WITH_MIRROR,
            on_progress,
            services.scratch,
        )
        on_progress(Progress("finding push-offs"))
        result = analyze_video(
            video,
            features,
            spotter,
            version,
            capture_known=capture_fps is not None,
            calibration=measured,
            requested=exercise,
        )
    report = result.report
    text = json.dumps(as_json(report), indent=1, allow_nan=False, ensure_ascii=False)
    contents = (text, csv_text(report), render_html(report, result.images))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in zip(FILES, contents, strict=True):  # all or, if one cannot be made, none
        write_atomic(folder / name, content.encode())
    stdout.print(report.headline)
    for doubt in report.warnings:
        stdout.print(f"  {doubt}")
    stdout.print(f"  {folder / 'report.html'}, push_offs.csv, report.json")


def report_folder(named: str) -> Path:
    """The folder, not made yet, if the report can be written there. Raises BadInput.

    Asked before the video is read: minutes of work must not end at a folder that cannot be.
    """
    if not named.strip():
        raise BadInput("--out is empty: name a folder for the report")
    folder = Path(named)
    there = folder
    try:
        while not os.path.lexists(there):
            there = there.parent
        if not there.is_dir():
            raise BadInput(f"--out {named}: {there} is a file, not a folder")
        for name in FILES:
            if (folder / name).is_dir():
                raise BadInput(f"--out {named}: {name} in it is a folder; name another one")
        with tempfile.TemporaryDirectory(prefix=".pushoff-", dir=there):
            return folder
    except OSError as error:
        raise BadInput(
            f"--out {named}: nothing can be written in {there} ({error.strerror}); name another "
            "folder"
        ) from None
