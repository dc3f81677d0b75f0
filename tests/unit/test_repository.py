"""What the repository itself promises."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_repository_is_small() -> None:
    """No weights, no clips, nothing over 200 kB but the lock files."""
    for path in tracked():
        assert path.suffix not in {".mp4", ".safetensors", ".pt", ".pth", ".ckpt"}, path
        assert path.suffix == ".lock" or path.stat().st_size <= 200_000, path


def test_lock_files_carry_hashes_and_no_addresses() -> None:
    """What is installed is what was locked, from whichever index the machine uses."""
    for path in ROOT.glob("requirements*.lock"):
        text = path.read_text()
        assert "://" not in text, path
        for package in re.split(r"\n(?=[a-z0-9])", text):
            if "==" in package:
                assert "--hash=sha256:" in package, package[:60]


def test_known_vulnerable_versions_are_not_locked() -> None:
    """The floors that close published vulnerabilities hold in the lock."""
    floors = {"torch": (2, 10), "starlette": (1, 3, 1), "werkzeug": (3, 1), "jinja2": (3, 1, 6)}
    text = (ROOT / "requirements.lock").read_text().lower()
    for name, floor in floors.items():
        found = re.search(rf"^{name}==([\d.]+)", text, re.M)
        assert found, name
        assert tuple(int(part) for part in found[1].split(".")) >= floor, name
    studio = (ROOT / "requirements-label-studio.lock").read_text()
    found = re.search(r"^label-studio==([\d.]+)", studio, re.M)
    assert found
    assert tuple(int(part) for part in found[1].split(".")) >= (1, 23, 2)
