import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.drill.running_steps import running_steps
from pushoff.events.drill.sequence import classify_sequence
from pushoff.events.drill.visibility_gaps import VisibilityGap, find_visibility_gaps
from pushoff.events.values import PushOffEvent

INF = float("inf")
quick = settings(max_examples=60, deadline=None)
TIMES = np.arange(300) / 100


def steps(times_s, feet="LR"):
    """Clear push-offs at these seconds, feet repeating."""
    clear = {"L": 0.95, "R": 0.05, "?": 0.5}
    return [
        PushOffEvent(round(240 * t), t, 0.95, clear[feet[i % len(feet)]])
        for i, t in enumerate(times_s)
    ]


def run(start_s, count):
    """Seconds of running steps, 0.22 s each."""
    return [round(start_s + 0.22 * i, 3) for i in range(count)]


def visible(*ranges):
    """(300,) bool of three seconds at 100/s."""
    athlete = np.zeros(300, bool)
    for start, stop in ranges:
        athlete[start:stop] = True
    return athlete


def test_gaps_of_a_video():
    """Its start, its end, gaps long enough to hide a contact, and cuts of any length."""
    gaps = find_visibility_gaps(TIMES, visible((20, 60), (62, 100), (150, 290)), cuts=(80,))
    assert [(-INF, 0.2), (0.79, 0.8), (0.99, 1.5), (2.89, INF)] == [
        (round(gap.from_s, 6), round(gap.to_s, 6)) for gap in gaps
    ]
    assert [False, True, False, False] == [gap.cut for gap in gaps]
    assert [VisibilityGap(-INF, INF)] == find_visibility_gaps(TIMES, visible())


@quick
@given(st.lists(st.booleans(), min_size=1, max_size=80), st.lists(st.integers(0, 79), max_size=3))
def test_no_athlete_in_a_gap(athlete, cuts):
    """Between the ends of a gap no frame shows the athlete, and gaps never overlap."""
    times = np.arange(len(athlete)) / 30
    gaps = find_visibility_gaps(times, np.array(athlete), cuts)
    for gap in gaps:
        inside = (times > gap.from_s) & (times < gap.to_s)
        assert not np.array(athlete)[inside].any()
    for gap, after in itertools.pairwise(gaps):
        assert gap.to_s <= after.from_s


@quick
@given(
    before=st.integers(2, 6),
    after=st.integers(2, 6),
    pause_s=st.floats(0.02, 3),
    kind=st.sampled_from(["cut", "black"]),
)
def test_an_interrupted_run_is_still_a_run(before, after, pause_s, kind):
    """A cut or black frames in a run, however long, do not turn the steps beside it into push-offs
    of a drill, however few of them are visible."""
    first = run(0.1, before)
    again = run(first[-1] + 0.1 + pause_s + 0.1, after)
    hole = VisibilityGap(first[-1] + 0.1, again[0] - 0.1, cut=kind == "cut")
    if kind == "black" and pause_s < 0.08:
        return
    gaps = [VisibilityGap(-INF, 0.0), hole, VisibilityGap(again[-1] + 0.1, INF)]
    feet = "LR" * before
    events = steps([*first, *again], feet[:before] + "LRLRLR"[:after])
    assert tuple(range(before + after)) == running_steps(events, gaps)
    assert () == classify_sequence(events, gaps=gaps).drill


def test_a_video_that_starts_in_the_approach():
    """One running step before the take-off counts where the video starts too late to show more."""
    drill = [0.12, 0.34, 0.9, 1.4]
    assert (0,) == running_steps(steps(drill, "LRRL"), [VisibilityGap(-INF, 0.05)])
    # Earlier steps would be visible here: it may be a wrong event.
    assert () == running_steps(steps([t + 2 for t in drill], "LRRL"), [VisibilityGap(-INF, 0.05)])


@quick
@given(st.floats(0.0, 3.0), st.integers(1, 4), st.booleans())
def test_bounds_beside_a_gap_are_not_running_steps(pause_s, before, cut):
    """Steps of 0.4 s and more belong to a drill, however few are visible on one side."""
    first = [0.4 * i + 0.3 for i in range(before + 1)]
    again = [first[-1] + 0.4 + pause_s + 0.45 * i for i in range(3)]
    hole = VisibilityGap(first[-1] + 0.1, again[0] - 0.1, cut=cut)
    assert () == running_steps(steps([*first, *again]), [hole])


@pytest.mark.parametrize(("to_s", "cut", "broken"), [(1.5, False, False), (1.1, True, True)])
def test_a_drill_with_a_gap(to_s, cut, broken):
    """Across a cut or a long gap no exercise is named; a short gap does not matter."""
    events = steps([0.3, 0.8, 1.6, 2.1], "LLRR")
    result = classify_sequence(
        events, gaps=[VisibilityGap(1.2 if not cut else 1.05, to_s, cut=cut)]
    )
    assert broken is bool(result.broken_after)
    assert (result.exercise is None) is broken
    assert ("after push-off 2" in result.reason) is broken
    assert ("after push-off 2" in result.triple_reason) is broken


def test_three_seconds_of_black():
    """No exercise is named across it, and feet stay as detected."""
    events = steps([0.3, 0.8, 4.0, 4.5], "LLRR")
    result = classify_sequence(events, gaps=[VisibilityGap(1.0, 3.9)])
    assert ((1,), (), None) == (result.broken_after, result.changed, result.exercise)
    assert "after push-off 2" in result.reason


def test_a_single_step_between_two_gaps():
    """With nothing visible before and after it, the reason says that it may be a running step."""
    gaps = [VisibilityGap(-INF, 0.3), VisibilityGap(0.6, INF)]
    result = classify_sequence(steps([0.45]), gaps=gaps)
    assert "running step" in result.reason
    assert (
        "running step"
        not in classify_sequence(steps([0.45]), gaps=[VisibilityGap(0.6, INF)]).reason
    )


def test_feet_after_a_cut():
    """After a cut a run may start with either foot, whatever the time in between."""
    again = steps([*run(0.1, 4), *run(0.98, 4)], "LRLRR???")
    result = classify_sequence(
        again,
        gaps=[
            VisibilityGap(-INF, 0.0),
            VisibilityGap(0.85, 0.86, cut=True),
            VisibilityGap(1.7, INF),
        ],
    )
    assert "LRLRRLRL" == "".join(foot.letter for foot in result.feet)
