"""`pushoff export folders` and `import-folders`: labels as folders of images."""

from pathlib import Path

import typer

from pushoff.services import open_services


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
        manifest = newest_dataset(services.storage, project_id)
        written = export_folders(labels.frames, services.fetcher, out, manifest)
    print(f"{written} images under {out}")


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
