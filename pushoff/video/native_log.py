"""Keeps what MediaPipe's native code reports of itself out of stderr.

It has no switch for that. GLOG_minloglevel and the absl package for Python do not reach the
library, GOOGLE_STDERRTHRESHOLD holds only after an initialisation that its Python package does not
make, and LiteRT inside it takes no level from outside (mediapipe 1.2.3).
"""

import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_STDERR = 2
_NOISE = re.compile(
    rb"[IW]\d{4} \d\d:\d\d:\d+\.\d+\s+\d+ [\w./]+:\d+\] "  # absl: information and warnings
    rb"|WARNING: (Logging|All log messages) before "
    rb"|(INFO|WARNING): (\[\w+\.cc:\d+\] |Created TensorFlow Lite )"  # LiteRT
)
_lock = threading.Lock()
_blocks = 0
"""How many blocks are running, in all threads together."""
_redirected: tuple[int, int] | None = None
"""File descriptors of the real stderr and of what is written meanwhile."""


@contextmanager
def native_log_filtered() -> Iterator[None]:
    """Filter stderr, file descriptor 2 of the process, while the block runs.

    Native code's lines of information and warning are dropped. All others follow when the last
    block ends, unchanged: errors, tracebacks, what other threads log. If the process is killed
    inside they are lost, so blocks should be short.
    """
    global _blocks, _redirected
    with _lock:
        if not _blocks:
            _redirected = _redirect()
        _blocks += 1
    try:
        yield
    finally:
        with _lock:
            _blocks -= 1
            if not _blocks and _redirected:
                _restore(*_redirected)


def _redirect() -> tuple[int, int] | None:
    """None where the process has no stderr."""
    try:
        real = os.dup(_STDERR)
    except OSError:
        return None
    written = os.memfd_create("stderr")
    _flush()
    os.dup2(written, _STDERR)
    return real, written


def _restore(real: int, written: int) -> None:
    _flush()
    os.dup2(real, _STDERR)
    os.close(real)
    os.lseek(written, 0, os.SEEK_SET)
    with os.fdopen(written, "rb") as lines:
        kept = b"".join(line for line in lines if not _NOISE.match(line))
    with suppress(OSError):  # nobody reads it any more
        while kept:
            kept = kept[os.write(_STDERR, kept) :]


def _flush() -> None:
    """Write what Python buffers where it belongs."""
    with suppress(AttributeError, OSError, ValueError):  # None, closed or replaced
        sys.stderr.flush()
