import pytest

from pushoff.workflows.analyze import ends_early


@pytest.mark.parametrize(
    ("decoded", "declared"), [(0, None), (90, None), (90, 90), (88, 90), (91, 90), (990, 1000)]
)
def test_a_video_that_is_all_there_is_not_doubted(decoded, declared):
    """A container that says nothing, or miscounts by a frame or two, is believed."""
    assert ends_early(decoded, declared) is None


@pytest.mark.parametrize(("decoded", "declared"), [(87, 90), (989, 1000), (1, 900)])
def test_a_video_that_ends_early_says_where(decoded, declared):
    """Frames that could not be read are missing from the report, and it says how many and why."""
    said = ends_early(decoded, declared)
    assert f"ends early: {decoded} of its {declared} frames" in said
    assert "copy or upload the video again" in said
