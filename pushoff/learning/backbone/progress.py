"""Progress of a training run, also from processes spawned for several devices."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pushoff.util.atomic_write import write_atomic
from pushoff.util.progress import OnProgress, Progress


class ProgressFile:
    """Progress of a process spawned for one of several devices."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, progress: Progress) -> None:
        """Replace the report that `progress_relay` reads, atomically."""
        write_atomic(self.path, json.dumps(progress.as_dict()).encode())


@contextmanager
def progress_relay(on_progress: OnProgress, shared: Path | None) -> Iterator[OnProgress]:
    """`on_progress` itself, or for spawned processes a file that a thread relays to it."""
    if shared is None:
        yield on_progress
        return
    path, ended = shared / "progress.json", threading.Event()

    def relay() -> None:
        last = b""
        while not ended.wait(0.5):
            if path.exists() and (latest := path.read_bytes()) != last:
                last = latest
                on_progress(Progress.from_dict(json.loads(latest)))

    reader = threading.Thread(target=relay, daemon=True)
    reader.start()
    try:
        yield ProgressFile(path)
    finally:
        ended.set()
        reader.join(timeout=5)
