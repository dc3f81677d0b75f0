"""Labels of another video are noticed."""

from dataclasses import replace
from pathlib import Path

import pytest

from pushoff.errors import BadInput
from pushoff.workflows.steps.data.labelled_clips import check_labels
from tests.unit.learning.event_samples import known

VIDEO = Path("clips/a.mp4")
TRUTH = replace(known(2), width_px=1280, height_px=720)


@pytest.mark.parametrize("frames", [0, TRUTH.frames - 2, TRUTH.frames + 2, 10**6])
def test_labels_of_another_length_are_refused(frames):
    """Both numbers of frames are named, and the video."""
    with pytest.raises(BadInput) as refused:
        check_labels(VIDEO, TRUTH, frames, (1280, 720))
    assert refused.value.code == "labels_of_another_video"
    assert all(part in str(refused.value) for part in ("a.mp4", f"{frames}", f"{TRUTH.frames}"))


@pytest.mark.parametrize("by", [-1, 0, 1])
def test_a_difference_of_one_frame_is_a_warning(caplog, by):
    """Players disagree on a file's last frame: labels are used, the log names both counts."""
    check_labels(VIDEO, TRUTH, TRUTH.frames + by, (1280, 720))
    warnings = [record.args for record in caplog.records]
    assert warnings == ([("a.mp4", TRUTH.frames + by, TRUTH.frames)] if by else [])


def test_labels_of_another_picture_are_refused():
    """The size is as shown, lying or standing, and may be left out."""
    check_labels(VIDEO, TRUTH, TRUTH.frames, (720, 1280))
    check_labels(VIDEO, replace(TRUTH, width_px=None, height_px=None), TRUTH.frames, (640, 360))
    with pytest.raises(BadInput) as refused:
        check_labels(VIDEO, TRUTH, TRUTH.frames, (640, 360))
    assert refused.value.code == "labels_of_another_video"
    assert all(part in str(refused.value) for part in ("640 x 360", "1280", "720"))
