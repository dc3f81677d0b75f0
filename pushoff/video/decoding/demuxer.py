"""An open file becomes a video to demux, or a refusal; inside the fence only. Door: PyAV."""

import os
from typing import BinaryIO

import av

from pushoff.video.decoding.mp4_atoms import container_of, read_boxes


class Refused(Exception):
    """The video cannot be used; the message is for the person who uploaded it."""


def open_video(video: BinaryIO) -> tuple[av.container.InputContainer, bool]:
    """(the video with its demuxer pinned, whether it ends before its index says).

    Raises Refused. Only MP4 and MOV say how long they are.
    """
    size, cut_off = os.fstat(video.fileno()).st_size, False
    kind = container_of(video.read(12))
    if kind is None:
        raise Refused("this is not a video: MP4, MOV, MKV and AVI are understood")
    if kind == "mov":
        boxes = read_boxes(video, size)
        if boxes.external:
            raise Refused("the video's pictures lie in another file: export it as one file")
        if boxes.encrypted:
            raise Refused("the video is encrypted: upload a copy without protection")
        if not boxes.moov:
            raise Refused("this file is cut off: upload it again")
        cut_off = boxes.cut_off
    video.seek(0)
    try:
        return av.open(video, format=kind, buffer_size=2**20), cut_off
    except (av.FFmpegError, ValueError) as error:
        raise Refused(f"this is not a video that can be read ({error})") from None
