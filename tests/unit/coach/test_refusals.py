"""What a coach is told of a video that cannot be read."""

import pytest

from pushoff.coach.refusals import in_words
from pushoff.errors import VideoRefused


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("000: this file is cut off: upload it again", "This file is cut off: upload it again."),
        (
            "video has no picture, only sound or data",
            "The video has no picture, only sound or data.",
        ),
        (
            "video: the video is damaged (InvalidDataError: [Errno 1] Invalid data (x))",
            "The video is damaged: copy it from the camera again, then upload it again.",
        ),
        (
            "video: the video decoder crashed (exit -11): re-encode the video and upload it again",
            "The video decoder crashed: re-encode the video and upload it again.",
        ),
        ("Too few frames.", "Too few frames."),
        (
            "video: the chapters are not of one recording (the first is h264): upload them",
            "The chapters are not of one recording (the first is h264): upload them.",
        ),
    ],
)
def test_a_refusal_is_a_sentence(said: str, told: str) -> None:
    """No name of our storage, no error of a library, a capital and a full stop."""
    assert in_words(VideoRefused(said)) == told
