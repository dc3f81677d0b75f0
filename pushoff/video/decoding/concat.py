"""Joins the chapters of one recording in the decoder process, without re-encoding."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from pushoff.errors import StorageFailed, VideoProblem, VideoRefused
from pushoff.video.decoding.sandbox import run_decoder

INDEX_BYTES = 256 * 2**20
"""What a joined video may have more than its chapters: hours at 240/s have a large index."""


def join_chapters(chapters: Sequence[Path], out: Path) -> int:
    """Write the chapters' frames into `out` (MP4), in order, with continuous times.

    Returns the number of frames. Raises VideoRefused when the chapters differ in codec, size or
    rate, or one is cut off; StorageFailed when `out` cannot be written.
    """
    with ExitStack() as opened:
        try:
            others = [opened.enter_context(path.open("rb")) for path in chapters[1:]]
            joined = opened.enter_context(out.open("w+b"))
            total = sum(path.stat().st_size for path in chapters)
        except OSError as error:
            raise StorageFailed(f"the chapters cannot be joined: {error.strerror}") from None
        descriptors = [file.fileno() for file in others]
        request = {
            "command": "join",
            "chapters": descriptors,
            "out": joined.fileno(),
            "out_bytes": total + INDEX_BYTES,
        }
        files = [*descriptors, joined.fileno()]
        for header, _ in run_decoder(chapters[0], request, pass_fds=files):
            if "end" in header:
                return int(header["end"])
    raise VideoRefused(
        "The chapters could not be joined.",
        code=VideoProblem.CHAPTERS_NOT_JOINED,
        remedy="Upload them one by one.",
    )
