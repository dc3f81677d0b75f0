"""`pushoff export folders` and `import-folders`: labels as folders of images."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from pushoff.services import open_services
from pushoff.values import FrameKey, Split


def export(
    out: Path = typer.Argument(help="Folder to write labelled_data/ and datasets/ into."),
    project: int | None = typer.Option(None, help="Label Studio project."),
) -> None:
    """Write labelled_data/{push_off,not_push_off} and datasets/{train,val,test}."""
    from pushoff.storage.datasets import newest_dataset
    from pushoff.studio.export.frame_labels import read_labels
    from pushoff.studio.export.snapshot import pull_export
    from pushoff.studio.media.image_folders import export_folders
    from pushoff.workflows.steps.frame_images import write_labelled

    with open_services() as services:
        project_id = services.project(project)
        snapshot = pull_export(services.studio, project_id, services.storage)
        with services.storage.local_copy(snapshot.key) as path:
            labels = read_labels(path, services.interface(project_id), services.storage)
        write_labelled(services.storage, labels.frames)
        splits = _splits(newest_dataset(services.storage), project_id)
        written = export_folders(labels.frames, services.fetcher, out, splits)
    print(f"{written} images under {out}")


def _splits(dataset: Mapping[str, Any] | None, project_id: int) -> dict[FrameKey, Split]:
    """The use of the project's frames when a network is trained on the data set."""
    from pushoff.learning.data.manifest import parse_manifest
    from pushoff.learning.data.splits import training_splits

    if dataset is None:
        return {}
    manifest = parse_manifest(dataset)
    return {
        frame.key: split
        for frame, split in zip(manifest.frames, training_splits(manifest), strict=True)
        if split and frame.project_id == project_id
    }


def import_(
    folder: Path = typer.Argument(help="Folder with push_off/ and not_push_off/, or datasets/."),
    project: int | None = typer.Option(None, help="Label Studio project."),
) -> None:
    """Import folders of labelled images as annotated tasks; images already imported are skipped."""
    from pushoff.studio.config.label_config import require_frame_interface
    from pushoff.studio.media.image_folders import import_folders

    with open_services() as services:
        project_id = services.project(project)
        interface = require_frame_interface(services.interface(project_id))
        report = import_folders(services.studio, project_id, interface, services.storage, folder)
    print(f"{report.created} new tasks, {report.already_there} existing")
