"""Chapters of one recording into one file, packet by packet, nothing encoded anew.

Only inside the fenced process. Door: PyAV.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import av

from pushoff.video.decoding.demuxer import Refused, open_video

SAY_EVERY = 1000
"""Packets; the parent must hear something every minute."""


@dataclass(frozen=True)
class _Kind:
    """What all chapters of one recording share."""

    codec: str
    width: int
    height: int
    rate: Fraction
    time_base: Fraction
    settings: bytes
    """The encoder's parameter sets."""

    def __str__(self) -> str:
        return f"{self.codec}, {self.width} x {self.height} at {float(self.rate):.4g} frames/s"


def join(chapters: Sequence[BinaryIO], out: BinaryIO, say: Callable[[int], None]) -> int:
    """Write the chapters' pictures as one MP4, times going on; sound and data are left out.

    Returns the packets written. Raises Refused when they are not of one recording.
    """
    videos = [_whole(video, number) for number, video in enumerate(chapters, 1)]
    kinds = [_kind(video, number) for number, video in enumerate(videos, 1)]
    for number, kind in enumerate(kinds[1:], 2):
        if kind != kinds[0]:
            raise Refused(
                f"the chapters are not of one recording (the first is {kinds[0]}, number {number} "
                f"is {kind}): upload them one by one"
            )
    count, began = 0, 0
    with av.open(out, "w", format="mp4") as joined:
        track = joined.add_stream_from_template(videos[0].streams.video[0])
        for video in videos:
            stream, ends = video.streams.video[0], 0
            usual = round(1 / (kinds[0].rate * kinds[0].time_base))
            for packet in video.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                ends = max(ends, packet.pts + (packet.duration or usual))
                packet.pts, packet.dts = packet.pts + began, packet.dts + began
                packet.stream = track
                joined.mux(packet)
                count += 1
                if count % SAY_EVERY == 0:
                    say(count)
            began += ends
    return count


def _whole(video: BinaryIO, number: int) -> av.container.InputContainer:
    container, cut_off = open_video(video)
    if cut_off:
        raise Refused(f"chapter {number} is cut off: upload it again")
    return container


def _kind(video: av.container.InputContainer, number: int) -> _Kind:
    if not video.streams.video:
        raise Refused(f"chapter {number} has no picture, only sound or data")
    stream = video.streams.video[0]
    context, rate = stream.codec_context, stream.average_rate
    if not rate or not stream.time_base:
        raise Refused(f"chapter {number} does not say its frame rate")
    near = Fraction(round(float(rate) * 100), 100)  # chapters differ in the last digit
    return _Kind(
        context.name,
        context.width,
        context.height,
        near,
        stream.time_base,
        bytes(context.extradata or b""),
    )
