"""Telling the running steps of an approach or a run-out from the push-offs of a drill."""

import itertools
import math
import statistics
from collections.abc import Sequence

from pushoff.events.drill.visibility_gaps import VisibilityGap
from pushoff.events.values import Foot, PushOffEvent

RUNNING_S = 0.26
"""A running step takes no longer: 0.225 to 0.233 s at 9.6 m/s on force plates; bounds 0.35 s."""
STILL_RUNNING_S = 0.30
"""Once a run is recognised, a step this long still belongs to it: halfway to the shortest bound."""
MIN_FAST_INTERVALS = 2
"""Intervals within RUNNING_S that make a run: one alone may be a wrong event. Beside a gap one is
enough, because no bound is as short and the other steps are not visible."""
ALTERNATES = 0.97
"""Probability that the next running step is on the other foot; otherwise an event is wrong."""
LONG_INTERVAL = 1.6
"""From this many times the median interval steps may be missing in between: either foot may
follow."""
CLEAR_FOOT = 0.8
"""Probability from which a foot is clear, and from which neighbouring steps change it."""
NEVER_CERTAIN = 0.01
"""Probabilities are clamped to this distance from 0 and 1."""
BY_HAND_LOG_ODDS = 1e3
"""Of what a person said: more than all probabilities of a video together."""


def running_steps(
    events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap] = ()
) -> tuple[int, ...]:
    """Indices of the running steps among events in order of time.

    A step is a running step when its approach probability is above one half, or when it belongs to
    a steady run of short intervals on alternating feet at either end of the video or of a part of
    it between gaps; an interval across a gap says nothing. The drill is one unbroken range: the one
    with the highest odds, so that a single doubtful push-off in its middle does not divide it. What
    a person said of a step counts before everything else.
    """
    fast = {
        i
        for start, stop in _ranges_between_gaps(events, gaps)
        for i in _fast_runs_at_ends(events, start, stop, gaps)
    }
    log_odds = [_drill_log_odds(event, i in fast) for i, event in enumerate(events)]
    total = [0.0, *itertools.accumulate(log_odds)]
    # Rounded, so that equal odds are equal and the longer range wins.
    start, stop = max(
        ((start, stop) for start in range(len(events)) for stop in range(start, len(events) + 1)),
        key=lambda drill: (round(total[drill[1]] - total[drill[0]], 9), drill[1] - drill[0]),
        default=(0, 0),
    )
    return tuple(i for i in range(len(events)) if not start <= i < stop)


def running_feet(
    events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap] = ()
) -> tuple[Foot | None, ...]:
    """The feet of running steps, which alternate.

    The forward-backward algorithm over both feet: a step's foot is changed, or filled in, where the
    neighbouring steps make it clear, and stays as detected where they do not. After a gap in the
    video, or an interval too long for one step, either foot may follow.
    """
    if not events:
        return ()
    lefts = [_clamp(event.left_probability) for event in events]
    intervals_s = _intervals_s(events)
    median_s = statistics.median(intervals_s) if intervals_s else 0.0
    starts = {start for start, _ in _ranges_between_gaps(events, gaps)}
    alternates = [
        0.5 if interval_s >= LONG_INTERVAL * median_s or after in starts else ALTERNATES
        for after, interval_s in enumerate(intervals_s, start=1)
    ]
    forward = _forward(lefts, alternates)
    backward = _forward(lefts[::-1], alternates[::-1])[::-1]
    feet: list[Foot | None] = []
    for event, left, before, after in zip(events, lefts, forward, backward, strict=True):
        # Both passes contain the step's own evidence: divide by it once.
        is_left = before * after / left
        is_right = (1 - before) * (1 - after) / (1 - left)
        probability = is_left / (is_left + is_right)
        set_by_person = event.left_probability in (0, 1)
        if set_by_person or max(probability, 1 - probability) < CLEAR_FOOT:
            feet.append(event.foot)
        else:
            feet.append(Foot.LEFT if probability > 0.5 else Foot.RIGHT)
    return tuple(feet)


def _forward(lefts: Sequence[float], alternates: Sequence[float]) -> list[float]:
    """Probability of left at each step, given its own evidence and that of all steps before it."""
    posteriors = [lefts[0]]
    for left, alternate in zip(lefts[1:], alternates, strict=True):
        prior = posteriors[-1] * (1 - alternate) + (1 - posteriors[-1]) * alternate
        posteriors.append(prior * left / (prior * left + (1 - prior) * (1 - left)))
    return posteriors


def _ranges_between_gaps(
    events: Sequence[PushOffEvent], gaps: Sequence[VisibilityGap]
) -> list[tuple[int, int]]:
    """(start, stop) indices of each range of events without a gap inside."""
    stops = [
        i
        for i in range(1, len(events))
        if any(gap.between(events[i - 1], events[i]) for gap in gaps)
    ]
    return list(itertools.pairwise([0, *stops, len(events)]))


def _fast_runs_at_ends(
    events: Sequence[PushOffEvent], start: int, stop: int, gaps: Sequence[VisibilityGap]
) -> set[int]:
    """Indices in a steady run of short intervals at the start or the end of a range of events."""
    count = stop - start
    if count < 2:
        return set()
    part = events[start:stop]
    intervals_s = _intervals_s(part)
    # At 30/s an interval is known to within a frame: half a frame more must not end a run.
    half_frame_s = 0.5 * (part[-1].time_s - part[0].time_s) / (part[-1].frame - part[0].frame)
    longest_s = STILL_RUNNING_S + half_frame_s
    cut_before = any(0 <= part[0].time_s - gap.to_s <= longest_s for gap in gaps)
    cut_after = any(0 <= gap.from_s - part[-1].time_s <= longest_s for gap in gaps)
    before = _run_length(intervals_s, half_frame_s, 1 if cut_before else MIN_FAST_INTERVALS)
    after = _run_length(intervals_s[::-1], half_frame_s, 1 if cut_after else MIN_FAST_INTERVALS)
    # The push-off at the end of an approach is the drill's first: a long flight follows it.
    leading = range(before + (before == len(intervals_s)))
    trailing = range(count - 1 - after, count)
    fast: set[int] = set()
    if before and _may_alternate(part[: before + 1]):
        fast |= set(leading)
    if after and _may_alternate(part[count - 1 - after :]):
        fast |= set(trailing)
    return {start + i for i in fast}


def _run_length(intervals_s: Sequence[float], half_frame_s: float, min_fast: int) -> int:
    """How many of the first intervals are those of a run, 0 where there is no run."""
    longest_s = STILL_RUNNING_S + half_frame_s
    run = list(itertools.takewhile(lambda interval_s: interval_s <= longest_s, intervals_s))
    fast = sum(interval_s <= RUNNING_S + half_frame_s for interval_s in run)
    return len(run) if fast >= min_fast else 0


def _may_alternate(steps: Sequence[PushOffEvent]) -> bool:
    """Whether the clear feet alternate, with at most one in four wrong.

    Steps as fast as these belong to a run unless they are clearly on one leg.
    """
    feet = [step.foot if step.foot_probability >= CLEAR_FOOT else None for step in steps]
    as_first = [foot if i % 2 == 0 or foot is None else foot.other for i, foot in enumerate(feet)]
    lefts, rights = as_first.count(Foot.LEFT), as_first.count(Foot.RIGHT)
    return min(lefts, rights) <= len(feet) // 4


def _intervals_s(events: Sequence[PushOffEvent]) -> list[float]:
    return [after.time_s - before.time_s for before, after in itertools.pairwise(events)]


def _drill_log_odds(event: PushOffEvent, fast: bool) -> float:
    """That a step belongs to the drill; `fast`: it is in a run of short intervals."""
    if event.approach_by_hand is not None:
        return -BY_HAND_LOG_ODDS if event.approach_by_hand else BY_HAND_LOG_ODDS
    return _log_odds(0 if fast else 1 - event.approach_probability)


def _clamp(probability: float) -> float:
    return min(max(probability, NEVER_CERTAIN), 1 - NEVER_CERTAIN)


def _log_odds(probability: float) -> float:
    clamped = _clamp(probability)
    return math.log(clamped / (1 - clamped))
