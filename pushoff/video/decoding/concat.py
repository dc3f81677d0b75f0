"""Chapters of one recording become one video, without encoding anything anew.

The chapters are demuxed and written in the fenced process; it gets them open, and the new file.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from pushoff.errors import StorageFailed, VideoRefused
from pushoff.video.decoding.sandbox import messages

INDEX_BYTES = 256 * 2**20
"""How much larger than its chapters a video may be: the index of hours at 240/s is a tenth of it."""


def join_chapters(chapters: Sequence[Path], out: Path) -> int:
    """Write the chapters' pictures into `out` (MP4), in order, times going on; returns how many.

    Raises VideoRefused when they differ in codec, size or rate, or one is cut off; StorageFailed
    when it cannot be written.
    """
    with ExitStack() as opened:
        try:
            more = [opened.enter_context(path.open("rb")) for path in chapters[1:]]
            joined = opened.enter_context(out.open("w+b"))
            total = sum(path.stat().st_size for path in chapters)
        except OSError as error:
            raise StorageFailed(f"the chapters cannot be joined: {error.strerror}") from None
        order = {
            "do": "join",
            "chapters": [file.fileno() for file in more],
            "out": joined.fileno(),
            "out_bytes": total + INDEX_BYTES,
        }
        files = [*order["chapters"], order["out"]]
        for header, _ in messages(chapters[0], order, pass_fds=files):
            if "end" in header:
                return int(header["end"])
    raise VideoRefused("the chapters could not be joined: upload them one by one")
