"""How a training run tells how far it is, also out of processes spawned for several devices."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pushoff.util.atomic_write import write_atomic

Progress = Callable[[dict[str, object]], None]
"""Told {stage, epoch, epochs, step, loss, val_f1}; what it raises ends the run."""


class ProgressFile:
    """Progress of a process spawned for one of several devices."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, word: dict[str, object]) -> None:
        """Leave the newest word, whole, for `told` to read."""
        write_atomic(self.path, json.dumps(word).encode())


@contextmanager
def told(say: Progress, shared: Path | None) -> Iterator[Progress]:
    """`say` itself, or for spawned processes a file that a thread reads out to `say`."""
    if shared is None:
        yield say
        return
    path, ended = shared / "progress.json", threading.Event()

    def read_out() -> None:
        heard = b""
        while not ended.wait(0.5):
            if path.exists() and (now := path.read_bytes()) != heard:
                heard = now
                say(json.loads(now))

    reader = threading.Thread(target=read_out, daemon=True)
    reader.start()
    try:
        yield ProgressFile(path)
    finally:
        ended.set()
        reader.join(timeout=5)
