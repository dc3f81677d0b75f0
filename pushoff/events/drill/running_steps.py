"""Telling the running steps of an approach, or of a run-out, from the push-offs of a drill."""

import itertools
import math
import statistics
from collections.abc import Sequence

from pushoff.events.drill.visibility_gaps import VisibilityGap
from pushoff.events.values import Foot, PushOffEvent

RUNNING_S = 0.26
"""A running step takes no longer: 0.225 to 0.233 s at 9.6 m/s on force plates; bounds 0.35 s."""
STILL_RUNNING_S = 0.30
"""Once a run is seen, a step this long still belongs to it: halfway to the shortest bound."""
FEWEST_BRISK = 2
"""Intervals within RUNNING_S that make a run: one alone may be a mistake of the spotter. Beside a
gap one is enough, for no bound is as short and the others are not to be seen."""
ALTERNATES = 0.97
"""Probability that the next running step is on the other foot; the rest is a wrong event."""
LONG_INTERVAL = 1.6
"""From this many times the median interval on, steps may lie between: the next foot is open."""
CLEAR_FOOT = 0.8
"""Probability from which a foot is clearly seen, and running steps round about change what was."""
NEVER_CERTAIN = 0.01
"""Probabilities are kept this far from 0 and 1."""


def running_steps(
    events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap] = ()
) -> tuple[int, ...]:
    """Positions of the running steps in events in order of time.

    A step is a running step when its approach probability is above one half, or when it stands
    in a steady run of short intervals on alternating feet at either end of the video, or of what
    is seen of it before and after a gap: how long it is across a gap says nothing. The drill is
    one unbroken stretch: the one with the best odds, so a lone doubtful push-off in its middle
    does not cut it in two.
    """
    brisk = {i for a, b in _stretches(events, gaps) for i in _brisk_ends(events, a, b, gaps)}
    worth = [
        _log_odds(1 - event.approach_probability) if i not in brisk else _log_odds(0)
        for i, event in enumerate(events)
    ]
    total = [0.0, *itertools.accumulate(worth)]
    # Rounded, so that equal odds are equal and the longer stretch wins.
    start, end = max(
        ((a, b) for a in range(len(events)) for b in range(a, len(events) + 1)),
        key=lambda stretch: (
            round(total[stretch[1]] - total[stretch[0]], 9),
            stretch[1] - stretch[0],
        ),
        default=(0, 0),
    )
    return tuple(i for i in range(len(events)) if not start <= i < end)


def running_feet(
    events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap] = ()
) -> tuple[Foot | None, ...]:
    """The feet of running steps, knowing that a runner alternates.

    Forward-backward sums over both feet: a step's foot is changed, or filled in, where the steps
    round about make it clear, and stays as seen where they do not. After a gap in the video, or an
    interval too long for one step, anything goes.
    """
    if not events:
        return ()
    left = [_kept(event.left_probability) for event in events]
    intervals = _intervals(events)
    usual = statistics.median(intervals) if intervals else 0.0
    starts = {start for start, _ in _stretches(events, gaps)}
    other = [
        0.5 if interval >= LONG_INTERVAL * usual or after in starts else ALTERNATES
        for after, interval in enumerate(intervals, 1)
    ]
    forward = _pass(left, other)
    backward = _pass(left[::-1], other[::-1])[::-1]
    feet: list[Foot | None] = []
    for event, own, before, after in zip(events, left, forward, backward, strict=True):
        # Both passes hold the step's own evidence: take it out once.
        is_left = before * after / own
        is_right = (1 - before) * (1 - after) / (1 - own)
        probability = is_left / (is_left + is_right)
        said = event.left_probability in (0, 1)  # a person's word, which nothing overrules
        if said or max(probability, 1 - probability) < CLEAR_FOOT:
            feet.append(event.foot)
        else:
            feet.append(Foot.LEFT if probability > 0.5 else Foot.RIGHT)
    return tuple(feet)


def _pass(left: Sequence[float], other: Sequence[float]) -> list[float]:
    """Probability of left at each step, from its own evidence and that of all steps before it."""
    found = [left[0]]
    for own, alternates in zip(left[1:], other, strict=True):
        prior = found[-1] * (1 - alternates) + (1 - found[-1]) * alternates
        found.append(prior * own / (prior * own + (1 - prior) * (1 - own)))
    return found


def _stretches(
    events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap]
) -> list[tuple[int, int]]:
    """(first, one after the last) of each stretch of events that no gap interrupts."""
    ends = [
        i
        for i in range(1, len(events))
        if any(gap.between(events[i - 1], events[i]) for gap in gaps)
    ]
    return list(itertools.pairwise([0, *ends, len(events)]))


def _brisk_ends(
    events: Sequence[PushOffEvent], first: int, stop: int, gaps: Sequence[VisibilityGap]
) -> set[int]:
    """Positions in a steady run of short intervals at the beginning or at the end of a stretch."""
    count = stop - first
    if count < 2:
        return set()
    stretch = events[first:stop]
    intervals = _intervals(stretch)
    # At 30/s an interval is known to a frame: half of one more must not end a run.
    hair = 0.5 * (stretch[-1].time_s - stretch[0].time_s) / (stretch[-1].frame - stretch[0].frame)
    usual = STILL_RUNNING_S + hair
    cut_before = any(0 <= stretch[0].time_s - gap.to_s <= usual for gap in gaps)
    cut_after = any(0 <= gap.from_s - stretch[-1].time_s <= usual for gap in gaps)
    before = _run_length(intervals, hair, 1 if cut_before else FEWEST_BRISK)
    after = _run_length(intervals[::-1], hair, 1 if cut_after else FEWEST_BRISK)
    # The push-off at the end of a run-up is the drill's first: a long flight follows it.
    leading = range(before + (before == len(intervals)))
    trailing = range(count - 1 - after, count)
    brisk: set[int] = set()
    if before and _may_alternate(stretch[: before + 1]):
        brisk |= set(leading)
    if after and _may_alternate(stretch[count - 1 - after :]):
        brisk |= set(trailing)
    return {first + i for i in brisk}


def _run_length(intervals: Sequence[float], hair: float, fewest: int) -> int:
    """How many of the first intervals are those of a run, 0 where it is none."""
    run = list(itertools.takewhile(lambda gap: gap <= STILL_RUNNING_S + hair, intervals))
    brisk = sum(gap <= RUNNING_S + hair for gap in run)
    return len(run) if brisk >= fewest else 0


def _may_alternate(steps: Sequence[PushOffEvent]) -> bool:
    """Whether feet go left, right, left, but for one in four seen wrong and those not clear: so
    brisk a step is none of a drill unless it is clearly seen to be on one leg."""
    feet = [
        step.foot if max(step.left_probability, 1 - step.left_probability) >= CLEAR_FOOT else None
        for step in steps
    ]
    as_left = [foot if i % 2 == 0 or foot is None else foot.other for i, foot in enumerate(feet)]
    lefts, rights = as_left.count(Foot.LEFT), as_left.count(Foot.RIGHT)
    return min(lefts, rights) <= len(feet) // 4


def _intervals(events: Sequence[PushOffEvent]) -> list[float]:
    return [b.time_s - a.time_s for a, b in itertools.pairwise(events)]


def _kept(probability: float) -> float:
    return min(max(probability, NEVER_CERTAIN), 1 - NEVER_CERTAIN)


def _log_odds(probability: float) -> float:
    kept = _kept(probability)
    return math.log(kept / (1 - kept))
