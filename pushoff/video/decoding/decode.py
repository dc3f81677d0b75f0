"""A video's frames with their true times, decoded in a sandboxed process."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pushoff.values import Frame, FrameRef, VideoInfo
from pushoff.video.decoding.probe import MAX_SIDE_PX
from pushoff.video.decoding.refusals import no_frames
from pushoff.video.decoding.sandbox import MEMORY_BYTES, SILENCE_S, run_decoder


@dataclass(frozen=True)
class DecodeCounts:
    """How many frames a video has."""

    declared: int | None
    """Frames the file says it has."""
    decoded: int
    """Frames that were decoded; fewer than declared means that the file is damaged or cut off."""


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
        self._memory_bytes, self._silence_s = memory_bytes, silence_s
        width, height = _scaled_size(info, max_width_px)
        shrunk = (width, height) != (info.width_px, info.height_px)
        if info.rotation_deg % 180:
            width, height = height, width
        self._indices = None if indices is None else sorted(int(index) for index in indices)
        self._request: dict[str, Any] = {
            "command": "decode",
            "gray": gray,
            "width": width,  # before the rotation
            "height": height,
            "shrunk": shrunk,
            "rotation_deg": info.rotation_deg,
            "indices": self._indices,
            "interval_s": float(1 / info.frame_rate),
            "max_px": MAX_SIDE_PX,
        }
        self._decoded: int | None = None

    @property
    def counts(self) -> DecodeCounts:
        """Declared and decoded frames. Raises RuntimeError before a pass has ended."""
        if self._decoded is None:
            raise RuntimeError("counts are known once frames() has been iterated to its end")
        return DecodeCounts(self._info.declared_frames, self._decoded)

    def frames(self) -> Iterator[Frame]:
        """Upright frames in presentation order, times in camera seconds from the first frame.

        Images are (H, W, 3) uint8 RGB, or (H, W) uint8 when gray. Raises VideoRefused when no frame
        can be decoded, or the decoder crashes, is stuck or needs too much memory.
        """
        slow_down = float(self._info.slow_down)
        messages = run_decoder(
            self._path, self._request, memory_bytes=self._memory_bytes, silence_s=self._silence_s
        )
        for header, body in messages:
            if "end" in header:
                self._decoded = int(header["end"])
                break
            time_s = float(header["time_s"]) / slow_down
            ref = FrameRef(self._video_id, header["index"], time_s)
            yield Frame(ref, np.frombuffer(body, np.uint8).reshape(header["shape"]))
        if not self._decoded and self._indices != []:
            refusal = no_frames()
            refusal.video_name = self._path.name
            raise refusal


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

    `indices` skips all other frames (and stops after the last); `max_width_px` shrinks, never
    enlarges. After a pass with `indices`, `counts` counts up to the last one asked for.
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


def _scaled_size(info: VideoInfo, max_width_px: int | None) -> tuple[int, int]:
    """Upright (width, height) after shrinking."""
    if max_width_px is None or info.width_px <= max_width_px:
        return info.width_px, info.height_px
    return max_width_px, max(round(info.height_px * max_width_px / info.width_px), 1)
