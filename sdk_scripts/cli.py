"""The `pushoff` command. Each subcommand is in the module that `SUBCOMMANDS` names."""

import logging
import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from pushoff.errors import PushoffError

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

SUBCOMMANDS = {
    "project": (
        "sdk_scripts.groups:project",
        "The Label Studio project.",
    ),
    "account": (
        "sdk_scripts.account:app",
        "Accounts of the coach's page.",
    ),
    "video": (
        "sdk_scripts.video:app",
        "Videos to label.",
    ),
    "export": (
        "sdk_scripts.groups:export",
        "Labels as snapshots and folders.",
    ),
    "models": (
        "sdk_scripts.models:app",
        "Model versions: list, show, promote, roll back.",
    ),
    "train": (
        "sdk_scripts.train:train",
        "Store labelled clips, fit the model's heads on all labels, and print its held-out score.",
    ),
    "evaluate": (
        "sdk_scripts.evaluate:evaluate",
        "Score the model on labelled clips: F1, mAP, timing error, feet.",
    ),
    "compare-architectures": (
        "sdk_scripts.compare_architectures:compare_architectures",
        "Train and judge ResNet18 and ResNet34 on the same labels, and say which to take.",
    ),
    "analyze": (
        "sdk_scripts.analyze:analyze",
        "Analyse one video: push-offs, feet, exercise, times and, with a calibration, distances.",
    ),
    "simulate": (
        "sdk_scripts.simulate:simulate",
        "Replay labelling with each strategy on labelled data and compare their learning curves.",
    ),
    "retrain": (
        "sdk_scripts.jobs:retrain",
        "Train a candidate now, compare it with the champion, and promote it if it is better.",
    ),
    "refit": (
        "sdk_scripts.jobs:refit",
        "Refit the heads on all labels now and update the queue; takes seconds.",
    ),
    "publish": (
        "sdk_scripts.jobs:publish",
        "Push suggestions and order of all open tasks to Label Studio now.",
    ),
    "nightly": (
        "sdk_scripts.nightly:nightly",
        "Run the nightly job now, as the scheduler does: retrain, publish, assess, clean up.",
    ),
    "doctor": (
        "sdk_scripts.doctor:doctor",
        "Check every connection and name the setting to fix for each that fails.",
    ),
    "env": (
        "sdk_scripts.make_env:make_env",
        "Copy .env.example with every `change-me` replaced by a random secret (mode 600).",
    ),
}
"""Name to (module:attribute, line of `pushoff --help`).

A module is imported when its command runs, so that the help appears at once.
"""


class _LazyCommands(Mapping[str, "Command"]):
    """The subcommands by name; one is imported when it is looked up."""

    def __getitem__(self, name: str) -> "Command":
        module, _, attribute = SUBCOMMANDS[name][0].partition(":")
        target = getattr(import_module(module), attribute)
        if isinstance(target, typer.Typer):
            return typer.main.get_group(target)
        single = typer.Typer(add_completion=False)
        single.command(name)(target)
        return typer.main.get_command(single)

    def __iter__(self) -> Iterator[str]:
        return iter(SUBCOMMANDS)

    def __len__(self) -> int:
        return len(SUBCOMMANDS)


class LazyGroup(TyperGroup):
    """A group that imports a subcommand when it is used, as in Click's guide on lazy loading."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = _LazyCommands()  # type: ignore[assignment]  # nothing is added later

    def list_commands(self, ctx: "Context") -> list[str]:
        """Names of all subcommands, in the order of the help."""
        return list(SUBCOMMANDS)

    def format_commands(self, ctx: "Context", formatter: "HelpFormatter") -> None:
        """Write the help from the table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in SUBCOMMANDS.items()])


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # the rich help imports every command
    help="Find push-offs in videos of bounding drills, and improve the model from corrections.",
)


@app.callback()
def _options(
    env_file: Path | None = typer.Option(
        None, help="Read PUSHOFF_* settings from this file, such as var/demo/env."
    ),
    verbose: bool = typer.Option(False, help="Show log messages."),
) -> None:
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING)
    if env_file is not None:
        from sdk_scripts.make_env import read_env

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
