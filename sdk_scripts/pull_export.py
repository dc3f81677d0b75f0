"""`pushoff export pull`: store a snapshot of a project's labels and print its counts."""

import typer

from pushoff.services import open_services
from pushoff.studio.export.frame_labels import read_labels
from pushoff.studio.export.snapshot import pull_export
from pushoff.values import Label


def pull(project: int | None = typer.Option(None, help="Label Studio project.")) -> None:
    """Store a verified snapshot of the project's labels, named by its content."""
    with open_services() as services:
        project_id = services.project(project)
        snapshot = pull_export(services.studio, project_id, services.storage)
        with services.storage.local_copy(snapshot.key) as path:
            labels = read_labels(path, services.interface(project_id), services.storage)
    print(f"{snapshot.key}: {snapshot.tasks} tasks, {snapshot.annotations} annotations")
    for label in Label:
        print(f"  {label.choice}: {sum(frame.label == label for frame in labels.frames)}")
    for reason, count in sorted(labels.excluded.items()):
        print(f"  excluded, {reason}: {count}")


if __name__ == "__main__":
    typer.run(pull)
