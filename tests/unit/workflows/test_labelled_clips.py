"""Labels of another video are noticed."""

from dataclasses import replace
from pathlib import Path

import pytest

from pushoff.errors import BadInput
from pushoff.workflows.labelled_clips import check_labels
from tests.unit.learning.event_samples import known

VIDEO = Path("clips/a.mp4")
TRUTH = replace(known(2), width_px=1280, height_px=720)


@pytest.mark.parametrize("frames", [0, TRUTH.frames - 2, TRUTH.frames + 2, 10**6])
def test_labels_of_another_length_are_refused(frames):
    """Both numbers of frames are named, and the video."""
    with pytest.raises(BadInput, match=rf"a\.mp4 has {frames} frames.* says {TRUTH.frames}"):
        check_labels(VIDEO, TRUTH, frames, (1280, 720))


@pytest.mark.parametrize("by", [-1, 0, 1])
def test_a_frame_more_or_less_is_said(capsys, by):
    """Where players disagree on a video's last frame it is used, but nobody is left to guess."""
    check_labels(VIDEO, TRUTH, TRUTH.frames + by, (1280, 720))
    said = capsys.readouterr()
    assert "" == said.out
    assert (f"{TRUTH.frames + by} frames" in said.err) == bool(by)


def test_labels_of_another_picture_are_refused():
    """The size is as shown, lying or standing, and may be left out."""
    check_labels(VIDEO, TRUTH, TRUTH.frames, (720, 1280))
    check_labels(VIDEO, replace(TRUTH, width_px=None, height_px=None), TRUTH.frames, (640, 360))
    with pytest.raises(BadInput, match=r"is 640 x 360 pixels, its events\.json says 1280 x 720"):
        check_labels(VIDEO, TRUTH, TRUTH.frames, (640, 360))
