"""pushoff/studio/timeline/subsample.py: frames of a labelled video that are trained on."""

from itertools import pairwise

from pushoff.studio.timeline.subsample import SPACING_S, subsample
from pushoff.values import Label
from tests.unit.studio.video_samples import (
    annotation,
    push_off,
)


def test_a_long_video_is_subsampled(read):
    """Every push_off frame, the ends of each stretch without one, and one every 33 ms between."""
    video, _ = read(annotation(1, push_off(97, 100), complete=True))
    taken = list(subsample(video))
    assert {97, 98, 99, 100, 91, 103, 0, 239} <= set(taken)
    others = [frame for frame in taken if video.labels[frame].label is Label.NOT_PUSH_OFF]
    assert len(others) < len(video.labels) / 6
    inner = [(b - a) / 240 for a, b in pairwise(others)]
    assert max(gap for gap in inner if gap < 10 / 240) <= SPACING_S + 1e-4
