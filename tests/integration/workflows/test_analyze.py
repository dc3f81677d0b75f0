"""Videos that are not what a coach meant to film: an honest report of each."""

import av
import numpy as np
import pytest

from tests.integration.event_rig import Trained, write
from tests.videos import video

pytestmark = pytest.mark.timeout(300)


def test_a_video_with_nobody_has_a_report_without_numbers(trained: Trained) -> None:
    """No push-off, no exercise and no metres are made up where nobody is."""
    empty = video(trained.folder / "empty.mp4", frames=90, rate=60, size=(320, 180))
    report = trained.report(empty)
    assert [] == report["push_offs"]
    assert any("No athlete" in one for one in report["warnings"]), report["warnings"]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_video_of_a_few_frames_is_too_short(
    trained: Trained, pictures: list[np.ndarray], count: int
) -> None:
    """Nothing is found in it, and page and JSON say why in plain words."""
    short = write(trained.folder / f"short-{count}.mp4", pictures[:count], 60)
    report = trained.report(short)
    assert [] == report["push_offs"]
    assert any("too short to analyse" in one for one in report["warnings"])
    page = (trained.folder / "reports" / short.stem / "report.html").read_text()
    assert "too short to analyse" in page and "whole frame" not in page


def test_black_is_told(trained: Trained, pictures: list[np.ndarray]) -> None:
    """Three black seconds in the middle: no push-off in them, and a warning."""
    half = len(pictures) // 2
    black = [np.zeros_like(pictures[0])] * 180
    dark = write(trained.folder / "dark.mp4", pictures[:half] + black + pictures[half:], 60)
    report = trained.report(dark)
    assert any("black" in one for one in report["warnings"]), report["warnings"]
    assert not [one for one in report["push_offs"] if half <= one["frame"] < half + 180]


def test_a_cut_is_told(trained: Trained, pictures: list[np.ndarray]) -> None:
    """Two runs in one file are not one run."""
    other = [255 - np.roll(picture[:, ::-1], 40, axis=1) for picture in pictures]
    report = trained.report(write(trained.folder / "cut.mp4", pictures + other, 60))
    assert any("cut" in one for one in report["warnings"]), report["warnings"]


def test_a_video_that_was_cut_short_says_so(trained: Trained, pictures: list[np.ndarray]) -> None:
    """A file of which the end was lost on the way is read as far as it goes, and says how far."""
    whole = trained.folder / "whole.avi"
    with av.open(str(whole), "w") as out:
        track = out.add_stream("mjpeg", rate=60)
        track.height, track.width = pictures[0].shape[:2]
        track.pix_fmt = "yuvj420p"
        for picture in pictures:
            out.mux(track.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(track.encode())
    lost = trained.folder / "lost.avi"
    lost.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    report = trained.report(lost, "--capture-fps", "60")
    read = report["video"]["frames"]
    assert 0.3 * len(pictures) < read < 0.8 * len(pictures)
    said = f"The file is truncated: only {read} of its {len(pictures)} frames"
    assert report["warnings"][0].startswith(said), report["warnings"]


def test_a_portrait_video_at_30_is_read_with_doubt(
    trained: Trained, pictures: list[np.ndarray]
) -> None:
    """A phone held upright at 30/s gets a report that says how coarse it is."""
    ground = np.full((140, 180, 3), 110, np.uint8)
    tall = [np.concatenate([one[:, 70:250], ground]) for one in pictures[::2]]
    report = trained.report(write(trained.folder / "phone.mp4", tall, 30))
    told = " ".join(report["warnings"])
    assert "30 frames/s" in told and "33 ms" in told, told
