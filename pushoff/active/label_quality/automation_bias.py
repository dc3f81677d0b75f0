"""Automation bias: do annotators agree with the model more often when they see its suggestion?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.active.label_quality.bootstrap import (
    Estimate,
    bootstrap,
    resampling_counts,
    with_interval,
)

MIN_LABELS = 10
"""Labels of either kind below which no figure is reported."""


@dataclass(frozen=True)
class Answer:
    """One annotator's label of one task for which the model had a suggestion, shown or not."""

    agrees: bool
    """Whether the label is what the model suggested, or would have suggested."""
    shown: bool
    """Whether the annotator saw the suggestion; False for a blind task."""
    video_id: str
    lead_time_s: float | None
    """Seconds until it was submitted, as Label Studio recorded them."""


@dataclass(frozen=True)
class Answers:
    """All labels of one kind, shown or blind."""

    labels: int
    agreement: Estimate | None
    """Share that agrees with the model; None below MIN_LABELS."""
    seconds: Estimate | None
    """Median seconds per label; None below MIN_LABELS with a time."""


@dataclass(frozen=True)
class AutomationBias:
    """Labels given with the suggestion shown, and blind."""

    shown: Answers
    blind: Answers
    difference: Estimate | None
    """Agreement when shown minus agreement when blind. None where either kind has too few."""
    seconds_saved: Estimate | None
    """Median seconds when blind minus median seconds when shown."""


def automation_bias(answers: Sequence[Answer], seed: int = 1) -> AutomationBias:
    """Agreement and time with and without the suggestion; videos are the units of the bootstrap.

    The comparison is unbiased because blind tasks are sampled at random from the same queue.
    """
    shown = [answer for answer in answers if answer.shown]
    blind = [answer for answer in answers if not answer.shown]
    difference = None
    if min(len(shown), len(blind)) >= MIN_LABELS:
        cells = np.array([2 * answer.shown + answer.agrees for answer in answers])
        video_ids = [answer.video_id for answer in answers]
        difference = bootstrap(cells, 4, _difference, video_ids, seed=seed)
    return AutomationBias(
        _answers(shown, seed), _answers(blind, seed), difference, _seconds_saved(answers, seed)
    )


def _answers(answers: Sequence[Answer], seed: int) -> Answers:
    agreement = None
    if len(answers) >= MIN_LABELS:
        cells = np.array([int(answer.agrees) for answer in answers])
        video_ids = [answer.video_id for answer in answers]
        agreement = bootstrap(cells, 2, _share, video_ids, seed=seed)
    timed = [answer for answer in answers if answer.lead_time_s is not None]
    seconds = None
    if len(timed) >= MIN_LABELS:
        times_s = np.array([answer.lead_time_s for answer in timed])
        draws = resampling_counts([answer.video_id for answer in timed], seed=seed)
        resampled = [_median(np.repeat(times_s, times)) for times in draws]
        seconds = with_interval(float(np.median(times_s)), resampled)
    return Answers(len(answers), agreement, seconds)


def _seconds_saved(answers: Sequence[Answer], seed: int) -> Estimate | None:
    timed = [answer for answer in answers if answer.lead_time_s is not None]
    times_s = np.array([answer.lead_time_s for answer in timed])
    shown = np.array([answer.shown for answer in timed], bool)
    if min(shown.sum(), (~shown).sum()) < MIN_LABELS:
        return None
    resampled = [
        _median(np.repeat(times_s[~shown], times[~shown]))
        - _median(np.repeat(times_s[shown], times[shown]))
        for times in resampling_counts([answer.video_id for answer in timed], seed=seed)
    ]
    return with_interval(float(np.median(times_s[~shown]) - np.median(times_s[shown])), resampled)


def _share(counts: np.ndarray) -> float:
    return float(counts[1] / counts.sum()) if counts.sum() else float("nan")


def _difference(counts: np.ndarray) -> float:
    return _share(counts[2:]) - _share(counts[:2])


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else float("nan")
