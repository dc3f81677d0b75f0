"""A truncated file is noticed."""

import pytest

from pushoff.workflows.analyze import truncation_warning


@pytest.mark.parametrize(
    ("decoded", "declared"), [(0, None), (90, None), (90, 90), (88, 90), (91, 90), (990, 1000)]
)
def test_a_complete_video_has_no_warning(decoded, declared):
    """A container may declare no count, or miscount by a frame or two."""
    assert truncation_warning(decoded, declared) is None


@pytest.mark.parametrize(("decoded", "declared"), [(87, 90), (989, 1000), (1, 900)])
def test_a_truncated_video_has_a_warning_with_both_counts(decoded, declared):
    """Frames that cannot be decoded are missing from the report."""
    warning = truncation_warning(decoded, declared)
    assert warning is not None
    assert f"{decoded} of its {declared} frames" in warning
