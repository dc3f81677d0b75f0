"""Starts the sandboxed decoder process and validates its messages."""

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
from typing import IO, Any

import pushoff
from pushoff.errors import VideoProblem, VideoRefused
from pushoff.video.decoding.refusals import REENCODE, out_of_memory

log = logging.getLogger(__name__)

MEMORY_BYTES = 4 * 2**30
"""Address space: a 5.3K 10-bit video with four decoding threads stays well under it."""
CPU_S = 4 * 3600
SILENCE_S = 60.0
"""Longest wait for the next message before the decoder counts as stuck."""
_MAX_HEADER_BYTES = 2**20


def run_decoder(
    path: Path,
    request: dict[str, Any],
    *,
    memory_bytes: int = MEMORY_BYTES,
    cpu_s: int = CPU_S,
    silence_s: float = SILENCE_S,
    pass_fds: Sequence[int] = (),
) -> Iterator[tuple[dict[str, Any], bytearray]]:
    """(header, body) of each message of a decoder process that has `path` open.

    `request` is described in `decoder_process`. `pass_fds` are the other open files it names.
    The process is killed when the iterator is closed.

    Raises VideoRefused when the decoder refuses the video, crashes, is stuck or sends an invalid
    message.
    """
    request = {**request, "memory_bytes": memory_bytes, "cpu_s": cpu_s}
    try:
        video = path.open("rb")
    except OSError as error:
        raise VideoRefused(
            f"The file cannot be opened: {error.strerror}.",
            code=VideoProblem.CANNOT_OPEN,
            remedy="Check that it exists and is readable.",
            video_name=path.name,
        ) from None
    with video, tempfile.TemporaryFile() as stderr:
        process = subprocess.Popen(
            [*_bubblewrap(), *_python(), json.dumps(request)],
            stdin=video,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=_environment(),
            start_new_session=True,
            pass_fds=pass_fds,
        )
        pipe = process.stdout
        if pipe is None:  # never: it was asked for above
            raise RuntimeError("the decoder process has no standard output")
        try:
            yield from _read_messages(process, pipe, stderr, request, silence_s)
        except VideoRefused as refusal:
            refusal.video_name = path.name
            raise
        finally:
            _stop(process, pipe)


def _python() -> list[str]:
    return [sys.executable, "-m", "pushoff.video.decoding.decoder_process"]


def _environment() -> dict[str, str]:
    """The package's location only: no secrets reach the decoder."""
    root = str(Path(pushoff.__file__).parent.parent)
    return {"PYTHONPATH": root, "OPENBLAS_NUM_THREADS": "1", "PATH": "", "LANG": "C.UTF-8"}


@cache
def _bubblewrap() -> list[str]:
    """bwrap and its arguments; empty, with one line in the log, where it does not work."""
    program = shutil.which("bwrap")
    if program:
        package = Path(pushoff.__file__).parent
        folders = {"/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", str(package)}
        folders |= {sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)}
        command = [program, "--unshare-all", "--die-with-parent", "--dev", "/dev"]
        command += ["--tmpfs", "/tmp"]  # noqa: S108
        for folder in sorted(folders, key=len):
            command += ["--ro-bind-try", folder, folder]
        try:
            subprocess.run(
                [*command, sys.executable, "-c", "import av"],
                check=True,
                capture_output=True,
                timeout=30,
                env=_environment(),
            )
            return command
        except (OSError, subprocess.SubprocessError):
            pass
    log.info(
        "bwrap is not usable: the video decoder runs with resource limits only, without a sandbox"
    )
    return []


def _read_messages(
    process: subprocess.Popen[bytes],
    pipe: IO[bytes],
    stderr: IO[bytes],
    request: dict[str, Any],
    silence_s: float,
) -> Iterator[tuple[dict[str, Any], bytearray]]:
    finished = False
    while not finished:
        header = _read_header(pipe, silence_s)
        if header is None:
            stderr.seek(0)
            text = stderr.read()[-2000:].decode(errors="replace").strip()
            raise _exit_refusal(process, text)
        if "refused" in header:
            raise _refusal(header["refused"])
        finished = "facts" in header or "end" in header
        yield header, _read_body(pipe, header, request, silence_s)


def _read_header(pipe: IO[bytes], silence_s: float) -> dict[str, Any] | None:
    """The next message's header; None when the decoder has closed its end."""
    size = _read_exactly(pipe, 4, silence_s)
    if size is None:
        return None
    length = struct.unpack("<I", size)[0]
    if length > _MAX_HEADER_BYTES:
        raise _invalid_message()
    text = _read_exactly(pipe, length, silence_s)
    if text is None:
        return None
    try:
        header = json.loads(bytes(text))
    except ValueError:
        header = None
    if not isinstance(header, dict):
        raise _invalid_message()
    return header


def _read_body(
    pipe: IO[bytes], header: dict[str, Any], request: dict[str, Any], silence_s: float
) -> bytearray:
    """A frame's pixels; empty for other messages."""
    if "shape" not in header:
        return bytearray()
    channels = [] if request["gray"] else [3]
    sideways = request["rotation_deg"] % 180 == 90
    width, height = request["width"], request["height"]
    expected = ([width, height] if sideways else [height, width]) + channels
    if header["shape"] != expected or not isinstance(header.get("index"), int):
        raise _invalid_message()
    body = _read_exactly(pipe, width * height * (channels or [1])[0], silence_s)
    if body is None:
        raise VideoRefused(
            "The video decoder stopped in the middle of a frame.",
            code=VideoProblem.DECODER_CRASHED,
            remedy=REENCODE,
        )
    return body


def _read_exactly(pipe: IO[bytes], size: int, silence_s: float) -> bytearray | None:
    """`size` bytes of the decoder's output; None at its end."""
    buffer, done = bytearray(size), 0
    view, descriptor = memoryview(buffer), pipe.fileno()
    deadline = time.monotonic() + silence_s
    while done < size:
        ready, _, _ = select.select([descriptor], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            raise VideoRefused(
                f"The video decoder did not respond for {silence_s:.0f} s and was stopped.",
                code=VideoProblem.DECODING_TIMEOUT,
                remedy=REENCODE,
            )
        count = os.readv(descriptor, [view[done:]])
        if count == 0:
            return None
        done += count
        deadline = time.monotonic() + silence_s
    return buffer


def _refusal(report: Any) -> VideoRefused:
    """The decoder's own refusal; its fields are checked, for the process is not trusted."""
    if not isinstance(report, dict) or report.get("code") not in list(VideoProblem):
        return _invalid_message()
    message, remedy, cause = (
        str(report.get(key, ""))[:500] for key in ("message", "remedy", "cause")
    )
    if cause:
        log.info("video refused: %s (%s)", report["code"], cause)
    return VideoRefused(message, code=VideoProblem(report["code"]), remedy=remedy)


def _invalid_message() -> VideoRefused:
    return VideoRefused(
        "The video decoder sent an invalid message.",
        code=VideoProblem.DECODER_CRASHED,
        remedy=REENCODE,
    )


def _exit_refusal(process: subprocess.Popen[bytes], stderr_text: str) -> VideoRefused:
    """Why the process ended before its work."""
    try:
        exit_code = process.wait(5)
    except subprocess.TimeoutExpired:
        exit_code = None
    if stderr_text:
        log.warning("video decoder: %s", stderr_text)
    if exit_code in (-signal.SIGXCPU, 128 + signal.SIGXCPU):
        return VideoRefused(
            "Decoding the video took too long and was stopped.",
            code=VideoProblem.DECODING_TIMEOUT,
            remedy="Cut the video to the exercise.",
        )
    if "MemoryError" in stderr_text or "Cannot allocate memory" in stderr_text:
        return out_of_memory()
    log.info("the video decoder ended with exit code %s", exit_code)
    return VideoRefused(
        "The video decoder crashed.", code=VideoProblem.DECODER_CRASHED, remedy=REENCODE
    )


def _stop(process: subprocess.Popen[bytes], pipe: IO[bytes]) -> None:
    pipe.close()
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()
