"""Opens a file as a video whose demuxer is known. Runs in the decoder process. Door: PyAV."""

import os
from typing import BinaryIO

import av
from av.container import InputContainer

from pushoff.errors import VideoProblem, VideoRefused
from pushoff.video.decoding.mp4_atoms import container_format, read_atoms
from pushoff.video.decoding.refusals import cut_off


def open_video(video: BinaryIO) -> tuple[InputContainer, bool]:
    """(the opened video, whether the file ends before its index says).

    Only MP4 and MOV say how long they are. Raises VideoRefused.
    """
    size, ends_early = os.fstat(video.fileno()).st_size, False
    demuxer = container_format(video.read(12))
    if demuxer is None:
        raise VideoRefused(
            "The video cannot be decoded.",
            code=VideoProblem.NOT_A_VIDEO,
            remedy="Upload an MP4, MOV, MKV or AVI file.",
        )
    if demuxer == "mov":
        atoms = read_atoms(video, size)
        if atoms.external:
            raise VideoRefused(
                "The video's frames are in another file.",
                code=VideoProblem.EXTERNAL_DATA,
                remedy="Export it as one file.",
            )
        if atoms.encrypted:
            raise VideoRefused(
                "The video is encrypted.",
                code=VideoProblem.ENCRYPTED,
                remedy="Upload a copy without copy protection.",
            )
        if not atoms.moov:
            raise cut_off()
        ends_early = atoms.cut_off
    video.seek(0)
    try:
        return av.open(video, "r", format=demuxer, buffer_size=2**20), ends_early
    except (av.FFmpegError, ValueError) as error:
        raise VideoRefused(
            "The video cannot be decoded.",
            code=VideoProblem.NOT_A_VIDEO,
            remedy="Upload an MP4, MOV, MKV or AVI file.",
        ) from error
