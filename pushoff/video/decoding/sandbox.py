"""Starts the decoder's process, fenced in, and reads its messages without trusting them."""

import json
import logging
import os
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pushoff
from pushoff.errors import VideoRefused

log = logging.getLogger(__name__)

MEMORY_BYTES = 4 * 2**30
"""Address space: a 5.3K 10-bit video with four decoding threads stays well under it."""
CPU_S = 4 * 3600
SILENCE_S = 60.0
"""Longest wait for the next message before the decoder counts as stuck."""
_MAX_HEADER = 2**20


def messages(
    path: Path,
    order: dict[str, Any],
    *,
    memory_bytes: int = MEMORY_BYTES,
    cpu_s: int = CPU_S,
    silence_s: float = SILENCE_S,
    pass_fds: Sequence[int] = (),
) -> Iterator[tuple[dict[str, Any], bytearray]]:
    """(header, body) of each message of a decoder working on `path`.

    `pass_fds` are further open files the order speaks of.

    Raises VideoRefused when the decoder refuses, crashes, is stuck or writes nonsense.
    """
    order = {**order, "memory_bytes": memory_bytes, "cpu_s": cpu_s}
    try:
        video = path.open("rb")
    except OSError as error:
        raise VideoRefused(f"{path.name} cannot be opened: {error.strerror}") from None
    with video, tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen(
            [*_fence(), *_python(), json.dumps(order)],
            stdin=video,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=_environment(),
            start_new_session=True,
            pass_fds=pass_fds,
        )
        try:
            finished = False
            while not finished:
                header = _header(child, silence_s)
                if header is None:
                    break
                if "refused" in header:
                    raise VideoRefused(f"{path.name}: {header['refused']}")
                finished = "facts" in header or "end" in header
                yield header, _body(child, header, order, silence_s)
            if not finished:
                complaints.seek(0)
                said = complaints.read()[-2000:].decode(errors="replace").strip()
                raise VideoRefused(f"{path.name}: {_how_it_ended(child, said)}")
        finally:
            _end(child)


def _python() -> list[str]:
    return [sys.executable, "-m", "pushoff.video.decoding.decoder_process"]


def _environment() -> dict[str, str]:
    """Nothing of ours but where Python lies: no secrets reach the decoder."""
    root = str(Path(pushoff.__file__).parent.parent)
    return {"PYTHONPATH": root, "OPENBLAS_NUM_THREADS": "1", "PATH": "", "LANG": "C.UTF-8"}


@cache
def _fence() -> list[str]:
    """bwrap and its arguments where it works, else nothing and a line in the log."""
    program = shutil.which("bwrap")
    if program:
        package = Path(pushoff.__file__).parent
        folders = {"/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", str(package)}
        folders |= {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)}
        fence = [program, "--unshare-all", "--die-with-parent", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108
        for folder in sorted(folders, key=len):
            fence += ["--ro-bind-try", folder, folder]
        try:
            subprocess.run(
                [*fence, sys.executable, "-c", "import av"],
                check=True,
                capture_output=True,
                timeout=30,
                env=_environment(),
            )
            return fence
        except (OSError, subprocess.SubprocessError):
            pass
    log.info("bwrap is not usable here: the video decoder is held by resource limits only")
    return []


def _header(child: subprocess.Popen, silence_s: float) -> dict[str, Any] | None:
    """The next message's header; None when the decoder closed its end."""
    size = _exactly(child, 4, silence_s)
    if size is None:
        return None
    length = struct.unpack("<I", size)[0]
    if length > _MAX_HEADER:
        raise VideoRefused("the video decoder wrote nonsense")
    text = _exactly(child, length, silence_s)
    if text is None:
        return None
    try:
        header = json.loads(bytes(text))
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise VideoRefused("the video decoder wrote nonsense")
    return header


def _body(
    child: subprocess.Popen, header: dict[str, Any], order: dict[str, Any], silence_s: float
) -> bytearray:
    if "shape" not in header:
        return bytearray()
    planes = [] if order["gray"] else [3]
    sideways = order["turn"] % 180 == 90
    width, height = order["width"], order["height"]
    expected = ([width, height] if sideways else [height, width]) + planes
    if header["shape"] != expected or not isinstance(header.get("index"), int):
        raise VideoRefused("the video decoder wrote nonsense")
    size = width * height * (planes or [1])[0]
    body = _exactly(child, size, silence_s)
    if body is None:
        raise VideoRefused("the video decoder stopped in the middle of a picture")
    return body


def _exactly(child: subprocess.Popen, size: int, silence_s: float) -> bytearray | None:
    """`size` bytes of its output; None at the end of it."""
    buffer, done = bytearray(size), 0
    view, pipe = memoryview(buffer), child.stdout.fileno()
    deadline = time.monotonic() + silence_s
    while done < size:
        ready, _, _ = select.select([pipe], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            raise VideoRefused(
                f"the video decoder was silent for {silence_s:.0f} s and was stopped: "
                "re-encode the video and upload it again"
            )
        got = os.readv(pipe, [view[done:]])
        if got == 0:
            return None
        done += got
        deadline = time.monotonic() + silence_s
    return buffer


def _how_it_ended(child: subprocess.Popen, said: str) -> str:
    try:
        code = child.wait(5)
    except subprocess.TimeoutExpired:
        code = None
    if said:
        log.warning("video decoder: %s", said)
    if code in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
        return "decoding took too long and was stopped"
    if "MemoryError" in said or "Cannot allocate memory" in said:
        return "the video needs more memory to decode than it may have"
    return f"the video decoder crashed (exit {code}): re-encode the video and upload it again"


def _end(child: subprocess.Popen) -> None:
    child.stdout.close()
    if child.poll() is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    child.wait()
