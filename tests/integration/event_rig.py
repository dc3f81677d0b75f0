"""Commands as a person types them without Label Studio, and videos to type them on."""

import io
import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from unittest import mock

import av
import numpy as np

from pushoff.synthetic.render import DrillSpec
from pushoff.values import Exercise
from sdk_scripts.cli import main

ROOT = Path(__file__).resolve().parents[2]
CLIPS = 2
SPECS = [
    DrillSpec(
        seed=seed,
        exercise=Exercise.HOPS,
        athlete="ada",
        push_offs=2,
        capture_fps=60,
        width_px=320,
        height_px=180,
        second_person=None,
        direction=("right", "left")[seed % 2],
    )
    for seed in range(CLIPS)
]
"""One athlete: each video is held out once."""
REPORT = {"report.html", "push_offs.csv", "report.json"}


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Trained:
    """A folder of clips, and a data folder with the model that learnt from them."""

    folder: Path
    clips: Path
    said: str
    version: str

    def run(self, *words: object, **settings: str) -> Done:
        return called(self.folder, *words, **settings)

    def refused(self, *words: object, **settings: str) -> str:
        """The one sentence a command ended with."""
        done = self.run(*words, **settings)
        assert done.returncode == 1, done.stdout + done.stderr
        lines = done.stderr.strip().splitlines()
        assert lines[-1].startswith("pushoff: "), done.stderr
        assert "Traceback" not in done.stderr
        return lines[-1]

    def report(self, video: Path, *words: object) -> dict:
        """report.json of an analysis, after a look at the two other files."""
        out = self.folder / "reports" / video.stem
        done = self.run("analyze", video, "--out", out, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert {one.name for one in out.iterdir()} == REPORT
        page = (out / "report.html").read_text()
        assert "<html" in page and "://" not in page
        return json.loads((out / "report.json").read_text())


def surroundings(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a command: none of the developer's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PUSHOFF_")}
    return {
        **kept,
        "PUSHOFF_DATA_DIR": str(folder / "data"),
        "PUSHOFF_WEIGHTS": "none",
        "PUSHOFF_SIZE_PX": "64",
        "PUSHOFF_HEAD_STEPS": "150",
        "PYTHONPATH": str(ROOT),
        **settings,
    }


def typed(folder: Path, *words: object) -> Done:
    """The command as a person runs it, a process and a folder of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from sdk_scripts.cli import main; main()", *map(str, words)],
        cwd=folder,
        env=surroundings(folder),
        capture_output=True,
        text=True,
        timeout=250,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def called(folder: Path, *words: object, **settings: str) -> Done:
    """The same in this process: starting torch and mlflow takes longer than most commands."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    environment = mock.patch.dict(os.environ, surroundings(folder, **settings), clear=True)
    arguments = mock.patch.object(sys, "argv", ["pushoff", *map(str, words)])
    with environment, arguments, chdir(folder), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as ended:  # as the interpreter does: a sentence is exit code 1
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
            err.write(ended.code if isinstance(ended.code, str) else "")
    return Done(code, out.getvalue(), err.getvalue())


def write(path: Path, pictures: list[np.ndarray], rate: int) -> Path:
    """A video of these pictures."""
    with av.open(str(path), "w") as out:
        track = out.add_stream("libx264", rate=Fraction(rate), options={"preset": "ultrafast"})
        track.height, track.width = pictures[0].shape[:2]
        track.pix_fmt = "yuv420p"
        for picture in pictures:
            out.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(track.encode())
    return path
