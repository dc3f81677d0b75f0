"""Start-up time of the `pushoff` command: `make bench-startup`.

Runs `pushoff --help` and a bare interpreter in turn, in pairs, and prints medians, the difference
and the ratio, so that a slow or busy machine shows in both.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import typer

BARE = (sys.executable, "-c", "pass")
HELP = (str(Path(sys.executable).with_name("pushoff")), "--help")


def main(pairs: int = typer.Option(11, min=1, help="Pairs of runs.")) -> None:
    """Print median wall and CPU times of both commands."""
    seconds = {command: [measure_s(command)] for command in (BARE, HELP)}  # warms the file cache
    for command in (BARE, HELP):
        seconds[command].clear()
    for _ in range(pairs):
        for command in (BARE, HELP):
            seconds[command].append(measure_s(command))
    bare_s, help_s = (statistics.median(seconds[command]) for command in (BARE, HELP))
    print(f"python -c pass  {bare_s:.3f} s (median of {pairs})")
    print(f"pushoff --help  {help_s:.3f} s, {help_s - bare_s:.3f} s more, {help_s / bare_s:.1f}x")


def measure_s(command: Sequence[str]) -> float:
    """Wall seconds of one run. Raises CalledProcessError when it fails."""
    started = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


if __name__ == "__main__":
    typer.run(main)
