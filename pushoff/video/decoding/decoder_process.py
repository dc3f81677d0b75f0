"""The decoder's own process: has one open file, writes messages, can open nothing else.

A damaged or hostile video may crash this process, and nothing more.
Door: PyAV. Imports as little as it can. Started by `sandbox.py` only:

    python -m pushoff.video.decoding.decoder_process '{"command": "probe", ...}' <video >messages

Commands are `probe`, `decode` and `join`. Only `join` gets more open files: the other chapters, and
the file to write. A message is a length (uint32, little-endian), a JSON header of that length, and
for a frame its pixels, whose shape the header gives. The last one is `facts`, `end` or `refused`.
"""

import ctypes
import importlib
import json
import os
import pkgutil
import resource
import signal
import struct
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Interpolation

from pushoff.errors import VideoProblem, VideoRefused
from pushoff.video.decoding.demuxer import open_video
from pushoff.video.decoding.refusals import out_of_memory
from pushoff.video.decoding.remux import concatenate

STDERR_BYTES = 2**16
"""The most it may write to a file when it only decodes: its standard error."""


def main(argument: str) -> None:
    """Do what the request (JSON) says with the video on standard input."""
    request = json.loads(argument)
    video, out = os.fdopen(0, "rb"), os.fdopen(1, "wb", buffering=0)
    _drop_privileges(
        request["memory_bytes"], request["cpu_s"], request.get("out_bytes", STDERR_BYTES)
    )
    av.logging.set_level(None)
    try:
        if request["command"] == "join":
            chapters = [video, *(os.fdopen(number, "rb") for number in request["chapters"])]
            with os.fdopen(request["out"], "w+b") as joined:
                count = concatenate(chapters, joined, lambda done: _send(out, {"packets": done}))
            _send(out, {"end": count})
            return
        container, cut_off = open_video(video)
        with container:
            if request["command"] == "probe":
                facts = _facts(container, request["max_px"])
                _send(out, {"facts": {**facts, "cut_off": cut_off}})
            else:
                _decode(container, request, out)
    except VideoRefused as refusal:
        _send_refusal(out, refusal, refusal.__cause__)
    except MemoryError:
        _send_refusal(out, out_of_memory())
    except (av.FFmpegError, ValueError, OverflowError, ArithmeticError) as error:
        damaged = VideoRefused(
            "The video is damaged.",
            code=VideoProblem.DAMAGED,
            remedy="Copy it from the camera again, then upload it again.",
        )
        _send_refusal(out, damaged, error)


def _drop_privileges(memory_bytes: int, cpu_s: int, out_bytes: int = STDERR_BYTES) -> None:
    """From here on: no new files or sockets, bounded memory and time, killed with the parent."""
    for module in pkgutil.walk_packages(av.__path__, "av."):  # PyAV imports some of itself late
        if module.name.rpartition(".")[2] not in ("__main__", "datasets"):
            importlib.import_module(module.name)
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    kernel.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, out_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),  # standard input, output and error are open: nothing more
    ):
        resource.setrlimit(kind, (limit, limit))


def _facts(container: InputContainer, max_px: int) -> dict[str, Any]:
    """What the file declares, and the rotation of its first frame if that is not too large."""
    facts: dict[str, Any] = {"streams": len(container.streams), "tags": dict(container.metadata)}
    if not container.streams.video:
        return facts
    stream = container.streams.video[0]
    codec, width, height = _codec(stream)
    rate = stream.average_rate or stream.guessed_rate
    duration_s = None
    if stream.duration and stream.time_base:
        duration_s = float(stream.duration * stream.time_base)
    elif container.duration:
        duration_s = container.duration / av.time_base
    facts["video"] = {
        "codec": codec,
        "width": width,
        "height": height,
        "rate": [rate.numerator, rate.denominator] if rate else None,
        "frames": stream.frames or None,
        "duration_s": duration_s or None,
    }
    facts["tags"] |= dict(stream.metadata)
    if 0 < max(width, height) <= max_px and facts["streams"] <= 16:
        first = next(_decoded_frames(container, max_px), None)
        facts["first"] = first is not None
        facts["rotation_deg"] = _rotation_deg(first) if first is not None else 0
    return facts


def _codec(stream: av.VideoStream) -> tuple[str, int, int]:
    """Name, width and height in pixels; zero when no decoder knows the codec."""
    context = stream.codec_context
    if context is None:
        return "unknown", 0, 0
    return context.name, context.width, context.height


def _decoded_frames(container: InputContainer, max_px: int) -> Iterator[av.VideoFrame]:
    """Every frame that can be decoded, in presentation order; damaged packets are skipped."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = min(os.cpu_count() or 1, 4)
    stream.codec_context.options = {"max_pixels": str(max_px * max_px)}
    packets = container.demux(stream)
    while True:
        packet: av.Packet | None
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:  # the file ends in the middle of a packet
            packet = None
        try:
            frames = stream.decode(packet)
        except av.error.InvalidDataError:
            frames = []
        except av.error.EOFError:
            return
        for frame in frames:
            if max(frame.width, frame.height) > max_px:
                raise VideoRefused(
                    f"A frame of the video is over {max_px} pixels wide or high.",
                    code=VideoProblem.FRAME_TOO_LARGE,
                    remedy="Export it smaller.",
                )
            yield frame
        if packet is None:
            return


def _rotation_deg(frame: av.VideoFrame) -> int:
    """Clockwise degrees that make the frame upright: 0, 90, 180 or 270."""
    return round(-frame.rotation / 90) % 4 * 90


def _decode(container: InputContainer, request: dict[str, Any], out: BinaryIO) -> None:
    """Send the requested frames, with times in file seconds from the first frame."""
    stream = container.streams.video[0]
    indices = None if request["indices"] is None else set(request["indices"])
    last = None if indices is None else max(indices, default=-1)
    rotation_deg, interval_s = request["rotation_deg"], request["interval_s"]
    pixel_format = "gray" if request["gray"] else "rgb24"
    start_s: float | None = None
    time_s, count = 0.0, 0
    for index, frame in enumerate(_decoded_frames(container, request["max_px"])):
        if last is not None and index > last:
            break
        count = index + 1
        time_base = frame.time_base or stream.time_base
        pts_s = None if frame.pts is None or not time_base else float(frame.pts * time_base)
        start_s = pts_s if start_s is None else start_s
        expected_s = time_s + interval_s if index else 0.0
        time_s = expected_s if pts_s is None or start_s is None else pts_s - start_s
        if index and time_s <= 0:  # a damaged time stamp: no frame is before the first
            time_s = interval_s
        if indices is not None and index not in indices:
            continue
        scaled = frame.reformat(
            width=request["width"],
            height=request["height"],
            format=pixel_format,
            interpolation=Interpolation.AREA if request["shrunk"] else Interpolation.BICUBIC,
        )
        pixels = np.rot90(scaled.to_ndarray(), -rotation_deg // 90)
        header = {"index": index, "time_s": time_s, "shape": pixels.shape}
        _send(out, header, np.ascontiguousarray(pixels).data.cast("B"))
    _send(out, {"end": count})


def _send_refusal(out: BinaryIO, refusal: VideoRefused, cause: BaseException | None = None) -> None:
    """`cause` is for the log: a library's error says nothing to the owner of the video."""
    report = {"code": refusal.code, "message": refusal.message, "remedy": refusal.remedy}
    if cause is not None:
        report["cause"] = f"{type(cause).__name__}: {cause}"[:300]
    _send(out, {"refused": report})


def _send(out: BinaryIO, header: dict[str, Any], body: memoryview | bytes = b"") -> None:
    text = json.dumps(header).encode()
    out.write(struct.pack("<I", len(text)) + text)
    sent = 0
    while sent < len(body):
        sent += out.write(body[sent:])


if __name__ == "__main__":
    main(sys.argv[1])
