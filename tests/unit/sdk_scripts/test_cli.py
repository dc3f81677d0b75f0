"""The `pushoff` command as a whole: its help and its errors."""

import subprocess
import sys

import typer

from sdk_scripts.cli import SUBCOMMANDS, app

HEAVY = ("torch", "cv2", "mlflow", "sklearn", "sqlalchemy", "pydantic", "numpy", "redis")


def test_every_line_of_the_help_is_the_first_sentence_of_its_command() -> None:
    """The table that saves the imports says the same as the commands themselves."""
    root = typer.main.get_command(app)
    for name, (_, line) in SUBCOMMANDS.items():
        text = " ".join(root.get_command(None, name).help.split())
        assert text.startswith(line), name
        assert line.endswith(".") and text[len(line) :][:1] in ("", " "), name


def test_the_help_imports_no_library() -> None:
    """`pushoff --help` names every command and loads none of them."""
    code = (
        "import sys\n"
        "from sdk_scripts.cli import main\n"
        "try:\n    main()\n"
        f"finally:\n    print(sorted(set({HEAVY}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True
    )
    *help_lines, loaded = done.stdout.splitlines()
    assert loaded == "[]"
    assert all(any(name in line for line in help_lines) for name in SUBCOMMANDS)


def test_an_unknown_command_is_a_usage_error(pushoff) -> None:
    """The command is named, and nothing is run."""
    result = pushoff("analyse")
    assert result.code == 2
    assert "analyse" in result.err


def test_a_mistyped_command_is_answered_with_the_one_meant(pushoff) -> None:
    """The suggestion comes from the table, although no command has been imported."""
    result = pushoff("moddels")
    assert result.code == 2
    assert "'models'" in result.err
