"""Automation bias: do people agree with the model more often when they see what it suggests?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pushoff.active.label_quality.bootstrap import Estimate, bootstrap, session_draws, with_interval

ENOUGH = 10
"""Labels of either kind below which nothing is said of it."""


@dataclass(frozen=True)
class Answer:
    """One person's label of one task for which the model had a suggestion, shown or not."""

    agrees: bool
    """The label is what the model suggested, or would have."""
    shown: bool
    """The person saw the suggestion; False: a blind task."""
    session: str
    lead_time_s: float | None
    """Seconds until submitted."""


@dataclass(frozen=True)
class Answers:
    """All labels of one kind."""

    labels: int
    agreement: Estimate | None
    """Share that agrees with the model; None below ten labels."""
    seconds: Estimate | None
    """Median seconds for a label; None below ten with a time."""


@dataclass(frozen=True)
class AutomationBias:
    """Labels given with the suggestion in sight, and blind."""

    shown: Answers
    blind: Answers
    difference: Estimate | None
    """Agreement when shown less agreement when blind: what the suggestion does to people. None
    where either kind is too small."""
    seconds_saved: Estimate | None
    """Median seconds blind less median seconds shown."""


def automation_bias(answers: Sequence[Answer], seed: int = 1) -> AutomationBias:
    """Agreement and time with and without the suggestion; sessions are drawn as wholes.

    The difference is fair because blind tasks are drawn at random from the same queue.
    """
    shown = [one for one in answers if one.shown]
    blind = [one for one in answers if not one.shown]
    difference = None
    if min(len(shown), len(blind)) >= ENOUGH:
        cells = np.array([2 * one.shown + one.agrees for one in answers])
        sessions = [one.session for one in answers]
        difference = bootstrap(cells, 4, _difference, sessions, seed=seed)
    return AutomationBias(
        _answers(shown, seed), _answers(blind, seed), difference, _seconds_saved(answers, seed)
    )


def _answers(answers: Sequence[Answer], seed: int) -> Answers:
    agreement = None
    if len(answers) >= ENOUGH:
        cells = np.array([int(one.agrees) for one in answers])
        agreement = bootstrap(cells, 2, _share, [one.session for one in answers], seed=seed)
    timed = [one for one in answers if one.lead_time_s is not None]
    seconds = None
    if len(timed) >= ENOUGH:
        times_s = np.array([one.lead_time_s for one in timed])
        draws = session_draws([one.session for one in timed], seed=seed)
        drawn = [_median(np.repeat(times_s, times)) for times in draws]
        seconds = with_interval(float(np.median(times_s)), drawn)
    return Answers(len(answers), agreement, seconds)


def _seconds_saved(answers: Sequence[Answer], seed: int) -> Estimate | None:
    timed = [one for one in answers if one.lead_time_s is not None]
    times_s = np.array([one.lead_time_s for one in timed])
    shown = np.array([one.shown for one in timed], bool)
    if min(shown.sum(), (~shown).sum()) < ENOUGH:
        return None
    drawn = [
        _median(np.repeat(times_s[~shown], times[~shown]))
        - _median(np.repeat(times_s[shown], times[shown]))
        for times in session_draws([one.session for one in timed], seed=seed)
    ]
    return with_interval(float(np.median(times_s[~shown]) - np.median(times_s[shown])), drawn)


def _share(counts: np.ndarray) -> float:
    return float(counts[1] / counts.sum()) if counts.sum() else float("nan")


def _difference(counts: np.ndarray) -> float:
    return _share(counts[2:]) - _share(counts[:2])


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if len(values) else float("nan")
