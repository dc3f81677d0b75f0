"""Fully labelled sets, as a whole and in parts."""

from dataclasses import replace

import numpy as np
import pytest

from pushoff.active.simulation.labelled_set import joined
from tests.unit.active.sets import labelled_set


def test_a_part_has_its_rows_in_their_order():
    """Features, labels, sessions, athletes and times of the rows asked for."""
    data = labelled_set(athletes=2, frames=20)
    rows = np.array([25, 3])
    part = data.part(rows)
    assert part.video_ids == ("athlete1", "athlete0") == part.groups
    assert part.labels.tolist() == [1, 0]
    assert np.array_equal(part.features, data.features[rows])
    assert part.times_s.tolist() == pytest.approx([5 / 30, 3 / 30])


def test_joined_sets_keep_every_frame_and_video():
    """Frames are concatenated, and kinds of footage are named together."""
    real = labelled_set(athletes=1, videos=True)
    rest = replace(labelled_set(athletes=3), footage="real")
    both = joined("both", [real, rest])
    assert len(both) == len(real) + len(rest)
    assert both.footage == "real/synthetic"
    assert both.videos == real.videos
    assert both.video_ids == real.video_ids + rest.video_ids


def test_columns_of_different_lengths_are_refused():
    """A set with a label missing is not made."""
    data = labelled_set(athletes=1)
    with pytest.raises(ValueError):
        replace(data, labels=data.labels[:-1])
