"""Unbiased statistics from the frames that were sampled at random rather than by a strategy."""

from collections.abc import Sequence

import numpy as np

from pushoff.active.label_quality.bootstrap import Estimate, bootstrap

MIN_LABELS = 10
"""Labelled random samples below which no rate is reported."""


def push_off_rate(push_offs: Sequence[bool], video_ids: Sequence[str]) -> Estimate | None:
    """Share of push_off among the unlabelled frames that the samples came from.

    `push_offs` and `video_ids` (N,) are of the labelled random samples; videos are the units of
    the bootstrap. None below MIN_LABELS. Labels chosen by a strategy would bias the rate.
    """
    if len(push_offs) < MIN_LABELS:
        return None
    return bootstrap(np.array(push_offs, int), 2, _share, video_ids)


def _share(counts: np.ndarray) -> float:
    return float(counts[1] / counts.sum()) if counts.sum() else float("nan")
