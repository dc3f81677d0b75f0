"""Joins the chapters of one recording packet by packet, without re-encoding.

Runs in the decoder process. Door: PyAV.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

import av
from av.container import InputContainer

from pushoff.errors import VideoProblem, VideoRefused
from pushoff.video.decoding.demuxer import open_video
from pushoff.video.decoding.refusals import frame_rate_unknown, no_video_stream

REPORT_EVERY_PACKETS = 1000
"""The parent process stops a decoder that is silent for a minute."""


@dataclass(frozen=True)
class _StreamFormat:
    """What all chapters of one recording share."""

    codec: str
    width_px: int
    height_px: int
    frame_rate: Fraction
    time_base: Fraction
    parameter_sets: bytes
    """The encoder's own settings (codec extradata)."""

    def __str__(self) -> str:
        rate = float(self.frame_rate)
        return f"{self.codec}, {self.width_px} x {self.height_px} at {rate:.4g} frames/s"


def concatenate(
    chapters: Sequence[BinaryIO], out: BinaryIO, on_packets: Callable[[int], None]
) -> int:
    """Write the chapters' video streams as one MP4 with continuous times, without sound and data.

    `on_packets` receives the number of packets so far. Returns the number of packets written.
    Raises VideoRefused when a chapter is cut off or the chapters are not of one recording.
    """
    videos = [_open_chapter(file, number) for number, file in enumerate(chapters, 1)]
    formats = [_stream_format(video, number) for number, video in enumerate(videos, 1)]
    for number, stream_format in enumerate(formats[1:], 2):
        if stream_format != formats[0]:
            raise VideoRefused(
                f"The chapters are not of one recording: chapter 1 is {formats[0]}, chapter "
                f"{number} is {stream_format}.",
                code=VideoProblem.DIFFERENT_RECORDINGS,
                remedy="Upload them one by one.",
            )
    count, offset = 0, 0
    with av.open(out, "w", format="mp4") as joined:
        track = joined.add_stream_from_template(videos[0].streams.video[0])
        for video in videos:
            stream, chapter_end = video.streams.video[0], 0
            usual_duration = round(1 / (formats[0].frame_rate * formats[0].time_base))
            for packet in video.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                chapter_end = max(chapter_end, packet.pts + (packet.duration or usual_duration))
                packet.pts, packet.dts = packet.pts + offset, packet.dts + offset
                packet.stream = track
                joined.mux(packet)
                count += 1
                if count % REPORT_EVERY_PACKETS == 0:
                    on_packets(count)
            offset += chapter_end
    return count


def _open_chapter(file: BinaryIO, number: int) -> InputContainer:
    container, ends_early = open_video(file)
    if ends_early:
        raise VideoRefused(
            f"Chapter {number} is cut off.", code=VideoProblem.CUT_OFF, remedy="Upload it again."
        )
    return container


def _stream_format(video: InputContainer, number: int) -> _StreamFormat:
    if not video.streams.video:
        raise no_video_stream(f"Chapter {number}")
    stream = video.streams.video[0]
    context, rate = stream.codec_context, stream.average_rate
    if not rate or not stream.time_base:
        raise frame_rate_unknown(f"Chapter {number}")
    return _StreamFormat(
        context.name,
        context.width,
        context.height,
        Fraction(round(float(rate) * 100), 100),  # chapters differ in the last digit
        stream.time_base,
        bytes(context.extradata or b""),
    )
