"""`pushoff env`: write a `.env` with random secrets for docker-compose or a manual set-up."""

import os
import secrets
from pathlib import Path

import typer

from pushoff.errors import SettingWrong

EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"
PLACEHOLDER = "change-me"


def make_env(
    file: Path = typer.Option(Path(".env"), help="File to write; never overwritten."),
) -> None:
    """Copy .env.example with every `change-me` replaced by a random secret (mode 600)."""
    lines = []
    for line in EXAMPLE.read_text().splitlines():
        name, separator, value = line.partition("=")
        if separator and value == PLACEHOLDER:
            value = secrets.token_hex(20) if name.endswith("TOKEN") else secrets.token_urlsafe(24)
        lines.append(f"{name}{separator}{value}")
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingWrong(
            f"{file} exists. To replace it and its secrets, delete it first"
        ) from None
    with os.fdopen(descriptor, "w") as env_file:
        env_file.write("\n".join(lines) + "\n")
    print(f"wrote {file} with random secrets (mode 600)")


def read_env(path: Path) -> dict[str, str]:
    """KEY=VALUE lines; empty when the file does not exist."""
    if not path.exists():
        return {}
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
