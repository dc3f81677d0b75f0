"""What a decoder process reports is checked before it is believed."""

import pytest

from pushoff.errors import VideoProblem
from pushoff.video.decoding.sandbox import _refusal, run_decoder
from tests.videos import refused, video


def test_a_refusal_keeps_its_code_message_and_remedy() -> None:
    """The cause is for the log only."""
    report = {"code": "encrypted", "message": "Encrypted.", "remedy": "Copy it.", "cause": "x"}
    refusal = _refusal(report)
    assert refusal.code is VideoProblem.ENCRYPTED
    assert refusal.explanation == "Encrypted. Copy it."


@pytest.mark.parametrize("report", [None, "text", [], {}, {"code": "hacked"}, {"code": ["a"]}])
def test_a_report_that_is_not_one_is_an_invalid_message(report: object) -> None:
    """An unknown code or another type never becomes a refusal of its own."""
    assert _refusal(report).code is VideoProblem.DECODER_CRASHED


def test_the_file_is_named_and_its_folder_is_not(tmp_path) -> None:
    """A refusal of the decoder's process names the file."""
    path = tmp_path / "notes.mp4"
    path.write_text("not a video")
    with refused(VideoProblem.NOT_A_VIDEO) as info:
        list(run_decoder(path, {"command": "probe", "max_px": 5312}))
    assert info.value.video_name == "notes.mp4"
    assert str(tmp_path) not in str(info.value)


def test_the_last_message_ends_the_iteration(tmp_path) -> None:
    """A probe is one message."""
    path = video(tmp_path / "a.mp4", frames=2)
    ((header, body),) = run_decoder(path, {"command": "probe", "max_px": 5312})
    assert header["facts"]["video"]["codec"] == "h264"
    assert body == b""
