"""`pushoff project` and `pushoff export`: groups of commands from several modules."""

import typer

from sdk_scripts import (
    create_project,
    label_folders,
    project_status,
    project_strategy,
    pull_export,
)

project = typer.Typer(no_args_is_help=True, help="The Label Studio project.")
project.command("create")(create_project.create)
project.command("strategy")(project_strategy.strategy)
project.command("status")(project_status.status)

export = typer.Typer(no_args_is_help=True, help="Labels as snapshots and folders.")
export.command("pull")(pull_export.pull)
export.command("folders")(label_folders.export)
export.command("import-folders")(label_folders.import_)
