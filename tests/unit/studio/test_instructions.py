"""What annotators read first."""

from importlib.resources import files

import pytest

from pushoff.studio.instructions import PICTURES, instructions


@pytest.mark.parametrize("timeline", [False, True])
def test_the_text_is_one_line_with_both_pictures(timeline):
    """Label Studio would show line breaks, and drops styles and data: addresses."""
    text = instructions(("/a.jpg", "/b.jpg"), timeline=timeline)
    assert "\n" not in text and "style=" not in text and "data:" not in text
    assert text.count("<img") == 2
    assert "12.5 ms" in text and "mid-stance" in text and "Ctrl+Enter" in text


def test_without_a_storage_the_text_stands_alone():
    """Frames that are uploaded by hand have no folder of ours beside them."""
    assert "<img" not in instructions((), timeline=False)
    assert "<table" not in instructions((), timeline=False)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_small(name):
    """JPEGs of less than 30 kB, shipped with the package."""
    data = files("pushoff.studio.config").joinpath(name).read_bytes()
    assert data.startswith(b"\xff\xd8\xff") and len(data) < 30_000
