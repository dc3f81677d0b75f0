"""A video's frames with their true times, decoded in a sandboxed process."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pushoff.errors import VideoRefused
from pushoff.values import Frame, FrameRef, VideoInfo
from pushoff.video.decoding.probe import MAX_SIDE_PX
from pushoff.video.decoding.sandbox import MEMORY_BYTES, SILENCE_S, messages


@dataclass(frozen=True)
class DecodeCounts:
    """How much of a video there was."""

    declared: int | None
    """Frames the file says it has."""
    decoded: int
    """Frames that came out; fewer than declared means the file is damaged or cut off."""


class Decoding:
    """One pass over a video: iterate `frames()`, then read `counts`."""

    def __init__(
        self,
        path: Path,
        info: VideoInfo,
        *,
        max_width_px: int | None,
        gray: bool,
        indices: Collection[int] | None,
        video_id: str,
        memory_bytes: int,
        silence_s: float,
    ) -> None:
        self._path, self._info, self._video_id = path, info, video_id
        self._limits = {"memory_bytes": memory_bytes, "silence_s": silence_s}
        width, height = _shrunk(info, max_width_px)
        if info.rotation_deg % 180:
            width, height = height, width
        self._order = {
            "do": "decode",
            "gray": gray,
            "width": width,  # before the turn
            "height": height,
            "shrunk": _shrunk(info, max_width_px) != (info.width_px, info.height_px),
            "turn": info.rotation_deg,
            "indices": None if indices is None else sorted(int(index) for index in indices),
            "interval_s": float(1 / info.frame_rate),
            "max_px": MAX_SIDE_PX,
        }
        self._decoded: int | None = None

    @property
    def counts(self) -> DecodeCounts:
        """Declared and decoded frames. Raises VideoRefused before a pass has ended."""
        if self._decoded is None:
            raise VideoRefused(f"{self._path.name} has not been decoded to its end")
        return DecodeCounts(self._info.declared_frames, self._decoded)

    def frames(self) -> Iterator[Frame]:
        """Upright frames in presentation order, times in camera seconds from the first frame.

        (H, W, 3) uint8 RGB, or (H, W) uint8 when gray. Raises VideoRefused when nothing comes
        out or the decoder crashes, is stuck or needs too much memory.
        """
        slow_down = float(self._info.slow_down)
        shape = None
        for header, body in messages(self._path, self._order, **self._limits):
            if "end" in header:
                self._decoded = int(header["end"])
                break
            shape = header["shape"]
            time_s = float(header["time_s"]) / slow_down
            ref = FrameRef(self._video_id, header["index"], time_s)
            yield Frame(ref, np.frombuffer(body, np.uint8).reshape(shape))
        if not self._decoded and self._order["indices"] != []:
            raise VideoRefused(f"{self._path.name} has no frame that can be decoded")


def decode(
    path: Path,
    info: VideoInfo,
    *,
    max_width_px: int | None = None,
    gray: bool = False,
    indices: Collection[int] | None = None,
    video_id: str = "",
    memory_bytes: int = MEMORY_BYTES,
    silence_s: float = SILENCE_S,
) -> Decoding:
    """Prepare a pass over a probed video; nothing runs before `frames()` is iterated.

    `indices` leaves out all other frames (and stops after the last); `max_width_px` shrinks,
    never enlarges. `counts` after a pass with `indices` counts up to the last one asked for.
    """
    return Decoding(
        path,
        info,
        max_width_px=max_width_px,
        gray=gray,
        indices=indices,
        video_id=video_id,
        memory_bytes=memory_bytes,
        silence_s=silence_s,
    )


def _shrunk(info: VideoInfo, max_width_px: int | None) -> tuple[int, int]:
    """Upright (width, height) after shrinking."""
    if max_width_px is None or info.width_px <= max_width_px:
        return info.width_px, info.height_px
    return max_width_px, max(round(info.height_px * max_width_px / info.width_px), 1)
