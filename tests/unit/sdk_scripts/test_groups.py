"""Commands that are grouped under `pushoff project` and `pushoff export`."""

import pytest
import typer

from sdk_scripts.groups import export, project


@pytest.mark.parametrize(
    ("group", "names"),
    [(project, {"create", "strategy", "status"}), (export, {"pull", "folders", "import-folders"})],
)
def test_every_command_of_a_group_has_help(group, names):
    """The names people type, each with a sentence."""
    commands = typer.main.get_command(group).commands
    assert set(commands) == names
    assert all(command.help.strip() for command in commands.values())
