"""Refusals of a video that several modules raise. Standard library only: the decoder imports it."""

from pushoff.errors import VideoProblem, VideoRefused

REENCODE = "Re-encode the video and upload it again."


def cut_off() -> VideoRefused:
    """The file ends before its own index says."""
    return VideoRefused(
        "The file is incomplete.", code=VideoProblem.CUT_OFF, remedy="Upload it again."
    )


def no_video_stream(subject: str = "The file") -> VideoRefused:
    """There is only sound or data."""
    return VideoRefused(
        f"{subject} has no video stream, only sound or data.",
        code=VideoProblem.NO_VIDEO_STREAM,
        remedy="Upload the camera's video file.",
    )


def frame_rate_unknown(subject: str = "The file") -> VideoRefused:
    """Without a frame rate no frame has a time."""
    return VideoRefused(
        f"{subject} does not state its frame rate.",
        code=VideoProblem.FRAME_RATE_UNKNOWN,
        remedy=REENCODE,
    )


def no_frames() -> VideoRefused:
    """Not one frame could be decoded."""
    return VideoRefused(
        "No frame of the video could be decoded.", code=VideoProblem.NO_FRAMES, remedy=REENCODE
    )


def out_of_memory() -> VideoRefused:
    """Decoding needs more memory than the decoder's limit."""
    return VideoRefused(
        "The video needs more memory to decode than is allowed.",
        code=VideoProblem.OUT_OF_MEMORY,
        remedy="Export it at a lower resolution and upload it again.",
    )
