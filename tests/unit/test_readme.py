"""README and code agree."""

import json
import re
from pathlib import Path

import typer

from pushoff.events.measure.calibration_file import read_calibration
from pushoff.settings import Settings
from sdk_scripts.cli import app

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def commands(group: typer.Typer, prefix: str) -> list[str]:
    names = [f"{prefix} {command.name}" for command in group.registered_commands]
    for inner in group.registered_groups:
        names += commands(inner.typer_instance, f"{prefix} {inner.name}")
    return names


def test_every_setting_is_in_the_readme() -> None:
    """Each setting stands in the README's table with its default."""
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `PUSHOFF_{name.upper()}` \| (.*?) \| (.*?) \|$", README, re.M)
        assert row, f"PUSHOFF_{name.upper()} is missing in the README"
        assert row[2] == field.description, name
        default = field.get_default(call_default_factory=True)
        default = default.get_secret_value() if hasattr(default, "get_secret_value") else default
        empty = default in ("", None, ())
        assert row[1] == ("empty" if empty else str(default)), name


def test_no_figure_is_left_to_come() -> None:
    """Where a number was to be put, there is one."""
    assert not re.findall(r"REPLACE|TODO|FIXME|figures to come", README)


def test_the_readme_names_no_setting_that_is_gone() -> None:
    """Whoever copies a PUSHOFF_ name from the README sets something that exists."""
    known = {f"PUSHOFF_{name.upper()}" for name in Settings.model_fields}
    assert not set(re.findall(r"PUSHOFF_[A-Z_]+[A-Z]", README)) - known


def test_every_command_is_in_the_readme() -> None:
    """Each `pushoff` command stands in the README."""
    missing = [name for name in commands(app, "pushoff") if f"`{name}" not in README]
    assert not missing


def test_the_readme_names_no_command_that_is_gone() -> None:
    """Each `pushoff ...` line of the README starts with a command that exists."""
    known = commands(app, "pushoff")
    for words in re.findall(r"`(pushoff [a-z-]+(?: [a-z-]+)?)", README):
        assert any(words == name or words.startswith(name + " ") for name in known) or any(
            name.startswith(words) for name in known
        ), words


def test_every_make_target_named_exists() -> None:
    """`make X` in the README is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z-]+)", README)) <= targets


def test_every_dependency_has_its_reason() -> None:
    """Each direct dependency stands under "Why these dependencies"."""
    text = README.split("## Why these dependencies", 1)[1]
    block = (ROOT / "pyproject.toml").read_text().split("dependencies = [", 1)[1].split("]", 1)[0]
    for name in re.findall(r'"([a-z0-9-]+)[=<>]', block):
        assert f"`{name}`" in text, name


def test_the_calibrations_shown_are_calibrations() -> None:
    """Each example of a calibration file is one, of the video size the README says it is of."""
    block = README.split("`track.json` is one of", 1)[1].split("```")[1]
    size = re.search(r'"width_px": (\d+), "height_px": (\d+)', README)
    shown = re.findall(r"\{.*?\}(?=\n\{|\n$)", block, re.S)
    assert 3 == len(shown)
    for text in shown:
        read_calibration(json.loads(text)).check_picture(int(size[1]), int(size[2]))
