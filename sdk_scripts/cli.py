"""The `pushoff` command. Each subcommand is in the module named after it."""

import logging
import os
import sys
from pathlib import Path

import typer

from pushoff.errors import PushoffError
from sdk_scripts import (
    account,
    analyze,
    create_project,
    doctor,
    evaluate,
    jobs,
    label_folders,
    make_env,
    models,
    project_status,
    project_strategy,
    pull_export,
    session,
    simulate,
    train,
)

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
project = typer.Typer(no_args_is_help=True, help="The Label Studio project.")
export = typer.Typer(no_args_is_help=True, help="Labels as snapshots and folders.")

project.command("create")(create_project.create)
project.command("strategy")(project_strategy.strategy)
project.command("status")(project_status.status)
export.command("pull")(pull_export.pull)
export.command("folders")(label_folders.export)
export.command("import-folders")(label_folders.import_)
app.add_typer(project, name="project")
app.add_typer(account.app, name="account")
app.add_typer(session.app, name="session")
app.add_typer(export, name="export")
app.add_typer(models.app, name="models")
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("analyze")(analyze.analyze)
app.command("simulate")(simulate.simulate)
app.command("retrain")(jobs.retrain)
app.command("refit")(jobs.refit)
app.command("publish")(jobs.publish)
app.command("doctor")(doctor.doctor)
app.command("env")(make_env.make_env)


@app.callback()
def _options(
    env_file: Path | None = typer.Option(
        None, help="Read PUSHOFF_* settings from this file, such as var/demo/env."
    ),
    verbose: bool = typer.Option(False, help="Show log messages."),
) -> None:
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING)
    if env_file is not None:
        from sdk_scripts.demo.stack import read_env

        if not env_file.exists():
            raise typer.BadParameter(f"{env_file} does not exist")
        os.environ.update(read_env(env_file))


def main() -> None:
    """Run the command; an expected error is printed as one sentence, with exit code 1."""
    try:
        app()
    except PushoffError as error:
        sys.exit(f"pushoff: {error}")
    except OSError as error:
        sys.exit(f"pushoff: {error.filename or 'the system'}: {error.strerror or error}")
