"""The decoder's own process: reads one open file, writes messages, can open nothing else.

A damaged or hostile video may crash or fill this process and nothing more.
Door: PyAV. Imports as little as it can. Run by `sandbox.py` only:

    python -m pushoff.video.decoding.decoder_process '{"do": "probe" | "decode" | "join", ...}' <video >messages

Only to join, more files are given open: further chapters, and the one to write.
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
from av.video.reformatter import Interpolation

from pushoff.video.decoding.demuxer import Refused, open_video
from pushoff.video.decoding.remux import join

COMPLAINTS_BYTES = 2**16
"""What it may write to a file where it only reads: its complaints on standard error."""


def main(argument: str) -> None:
    """Do what the argument says with the video on standard input."""
    order = json.loads(argument)
    video, out = os.fdopen(0, "rb"), os.fdopen(1, "wb", buffering=0)
    _lock_in(order["memory_bytes"], order["cpu_s"], order.get("out_bytes", COMPLAINTS_BYTES))
    av.logging.set_level(None)
    try:
        if order["do"] == "join":
            chapters = [video, *(os.fdopen(number, "rb") for number in order["chapters"])]
            with os.fdopen(order["out"], "w+b") as joined:
                count = join(chapters, joined, lambda done: _send(out, {"packets": done}))
            _send(out, {"end": count})
            return
        container, cut_off = open_video(video)
        with container:
            if order["do"] == "probe":
                facts = _facts(container, order["max_px"])
                _send(out, {"facts": {**facts, "cut_off": cut_off}})
            else:
                _decode(container, order, out)
    except Refused as refusal:
        _send(out, {"refused": str(refusal)})
    except MemoryError:
        _send(out, {"refused": "the video needs more memory to decode than it may have"})
    except (av.FFmpegError, ValueError, OverflowError, ArithmeticError) as error:
        _send(out, {"refused": f"the video is damaged ({type(error).__name__}: {error})"[:300]})


def _lock_in(memory_bytes: int, cpu_s: int, out_bytes: int = COMPLAINTS_BYTES) -> None:
    """From here on: no new files or sockets, bounded memory and time, gone with the parent."""
    for module in pkgutil.walk_packages(av.__path__, "av."):  # PyAV imports some of itself late
        if module.name.rpartition(".")[2] not in ("__main__", "datasets"):
            importlib.import_module(module.name)
    kernel = ctypes.CDLL(None, use_errno=True)
    kernel.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    kernel.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    for what, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, out_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 3),  # standard input, output and error are open: nothing more
    ):
        resource.setrlimit(what, (limit, limit))


def _facts(container: av.container.InputContainer, max_px: int) -> dict[str, Any]:
    """What the file declares, and one decoded frame's turn if it is not too large."""
    facts: dict[str, Any] = {"streams": len(container.streams), "tags": dict(container.metadata)}
    if not container.streams.video:
        return facts
    stream = container.streams.video[0]
    context = stream.codec_context
    rate = stream.average_rate or stream.guessed_rate
    length = stream.duration * stream.time_base if stream.duration else None
    if length is None and container.duration:
        length = container.duration / av.time_base
    facts["video"] = {
        "codec": context.name if context else "unknown",
        "width": context.width if context else 0,
        "height": context.height if context else 0,
        "rate": [rate.numerator, rate.denominator] if rate else None,
        "frames": stream.frames or None,
        "duration_s": float(length) if length else None,
    }
    facts["tags"] |= dict(stream.metadata)
    if context and 0 < max(context.width, context.height) <= max_px and facts["streams"] <= 16:
        first = next(_pictures(container, max_px), None)
        facts["first"] = first is not None
        facts["turn"] = _turn(first) if first is not None else 0
    return facts


def _pictures(container: av.container.InputContainer, max_px: int) -> Iterator[av.VideoFrame]:
    """Every frame that can be decoded, in presentation order; damaged packets are passed over."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    stream.codec_context.thread_count = min(os.cpu_count() or 1, 4)
    stream.codec_context.options = {"max_pixels": str(max_px * max_px)}
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:  # the file ends in the middle of something
            packet = None
        try:
            pictures = stream.decode(packet)
        except av.error.InvalidDataError:
            pictures = []
        except av.error.EOFError:
            return
        for picture in pictures:
            if max(picture.width, picture.height) > max_px:
                raise Refused(f"a picture in the video is over {max_px} pixels wide or high")
            yield picture
        if packet is None:
            return


def _turn(picture: av.VideoFrame) -> int:
    """Clockwise degrees that make it upright: 0, 90, 180 or 270."""
    return round(-picture.rotation / 90) % 4 * 90


def _decode(container: av.container.InputContainer, order: dict[str, Any], out: BinaryIO) -> None:
    stream = container.streams.video[0]
    wanted = None if order["indices"] is None else set(order["indices"])
    last = None if wanted is None else max(wanted, default=-1)
    turn, step = order["turn"], order["interval_s"]
    layout = "gray" if order["gray"] else "rgb24"
    start, time_s, previous_s, count = None, 0.0, 0.0, 0
    for index, picture in enumerate(_pictures(container, order["max_px"])):
        if last is not None and index > last:
            break
        count = index + 1
        base = picture.time_base or stream.time_base
        moment = None if picture.pts is None else float(picture.pts * base)
        start = moment if start is None else start
        following = time_s + step if index else 0.0
        time_s = following if moment is None or start is None else moment - start
        if index and time_s <= previous_s:
            time_s = previous_s + step
        if wanted is not None and index not in wanted:
            continue
        small = picture.reformat(
            width=order["width"],
            height=order["height"],
            format=layout,
            interpolation=Interpolation.AREA if order["shrunk"] else Interpolation.BICUBIC,
        )
        pixels = np.rot90(small.to_ndarray(), -turn // 90)
        header = {"index": index, "time_s": time_s, "shape": pixels.shape}
        _send(out, header, memoryview(np.ascontiguousarray(pixels)).cast("B"))
    _send(out, {"end": count})


def _send(out: BinaryIO, header: dict[str, Any], body: memoryview | bytes = b"") -> None:
    text = json.dumps(header).encode()
    out.write(struct.pack("<I", len(text)) + text)
    sent = 0
    while sent < len(body):
        sent += out.write(body[sent:])


if __name__ == "__main__":
    main(sys.argv[1])
