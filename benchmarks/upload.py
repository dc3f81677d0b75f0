"""A large upload over an unreliable connection: are the bytes right, what does the server need?

    .venv/bin/python -m benchmarks.upload [--gib 4] [--cuts 5] [--out var/bench-upload]

A real backend process, a sparse file with random bytes all over it, and a connection that is
dropped in the middle `cuts` times. Prints whether the SHA-256 is right, by how much the server's
resident memory grew at most, and the seconds it took.
"""

import random
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx
import psutil
import typer

from pushoff.coach.session_files import chapter_key
from pushoff.util.file_digest import sha256_of
from tools.coach_backend import coach_backend

BLOCK = 2**20
EVERY = 64 * BLOCK
TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}


class Cut(Exception):
    """The connection was dropped."""


class Memory:
    """The most resident memory a process had, sampled twenty times a second."""

    def __init__(self, process_id: int) -> None:
        self._process = psutil.Process(process_id)
        self.most_bytes = self._process.memory_info().rss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            self.most_bytes = max(self.most_bytes, self._process.memory_info().rss)


def main(gib: float = 4.0, cuts: int = 5, out: Path = Path("var/bench-upload"), seed: int = 1):
    """Upload a file and print the result."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    video, size = out / "video.mp4", int(gib * 2**30)
    _sparse(video, size, random.Random(seed))
    with coach_backend(out, upload_max_gib="64") as backend:
        client, services, process_id = backend.client, backend.services, backend.process_id
        _upload(client, video, 10, [])  # what is loaded at the first upload is no growth
        before = _settled_bytes(psutil.Process(process_id))
        places = sorted(random.Random(seed).sample(range(size), cuts))
        started = time.monotonic()
        with Memory(process_id) as memory:
            session_id, dropped = _upload(client, video, size, places)
        seconds = time.monotonic() - started
        key = chapter_key(session_id, 0)
        stored = services.storage.local_path(key)
        assert stored is not None, "this benchmark needs storage in a folder"
        same = sha256_of(stored) == sha256_of(video)
    grown = (memory.most_bytes - before) / 2**20
    print(f"{gib:g} GiB, connection dropped {dropped} times, {seconds:.0f} s")
    print(f"SHA-256 {'right' if same else 'WRONG'}")
    print(f"server's memory grew by {grown:.1f} MiB at most (from {before / 2**20:.0f} MiB)")
    shutil.rmtree(out)
    if not same or grown >= 64 or dropped != cuts:
        raise SystemExit(1)


def _upload(client: httpx.Client, video: Path, size: int, cuts: list[int]) -> tuple[str, int]:
    """(session id, how often the connection was dropped)."""
    answer = client.post(
        "/coach/uploads/new",
        json={
            "athlete": "nobody",
            "exercise": "hops",
            "date": date.today().isoformat(),
            "consent": True,
            "files": [{"name": video.name, "size": size, "modified": 1}],
        },
    )
    (session,) = answer.raise_for_status().json()["sessions"]
    upload, left, dropped = session["chapters"][0]["upload"], list(cuts), 0
    while True:
        offset = int(client.head(upload, headers=TUS).raise_for_status().headers["upload-offset"])
        if offset == size:
            return session["session_id"], dropped
        cut = left[0] if left else None
        headers = {**PART, "Upload-Offset": str(offset), "Content-Length": str(size - offset)}
        try:
            answer = client.patch(upload, headers=headers, content=_part(video, offset, size, cut))
            if answer.status_code == 423:  # the server has not noticed yet
                time.sleep(0.1)
            elif answer.status_code != 409:  # it has got on since it was asked
                answer.raise_for_status()
        except Cut:
            left.pop(0)
            dropped += 1


def _part(video: Path, offset: int, size: int, cut: int | None) -> Iterator[bytes]:
    with video.open("rb") as file:
        file.seek(offset)
        while offset < size:
            block = file.read(min(BLOCK, size - offset))
            if cut is not None and offset + len(block) > cut:
                yield block[: max(cut - offset, 0)]
                raise Cut
            yield block
            offset += len(block)


def _settled_bytes(process: psutil.Process) -> int:
    """Resident memory once the server has loaded its libraries: the same for three seconds."""
    size, since = 0, time.monotonic()
    while time.monotonic() - since < 3:
        now = process.memory_info().rss
        if abs(now - size) > BLOCK:
            size, since = now, time.monotonic()
        time.sleep(0.1)
    return size


def _sparse(path: Path, size: int, rng: random.Random) -> None:
    with path.open("wb") as file:
        for at in range(0, size, EVERY):
            file.seek(at)
            file.write(rng.randbytes(min(64 * 2**10, size - at)))
        file.truncate(size)


if __name__ == "__main__":
    typer.run(main)
