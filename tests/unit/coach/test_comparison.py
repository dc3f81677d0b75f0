"""pushoff/coach/comparison.py: two sessions, and differences beyond measurement error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.coach.comparison import Comparison, Difference, compare
from tests.unit.events.test_report import RUN, TRIPLE, video_report

few = settings(max_examples=25, deadline=None)
measured = st.tuples(st.floats(-1e3, 1e3), st.floats(0, 1e2)) | st.just((None, None))
drills = st.lists(st.sampled_from([0.05, 0.5, 0.95]), min_size=0, max_size=6).flatmap(
    lambda feet: st.lists(st.integers(40, 130), min_size=len(feet), max_size=len(feet)).map(
        lambda gaps: [(30 + sum(gaps[: k + 1]) // 2, foot) for k, foot in enumerate(feet)]
    )
)


def differences(found: Comparison) -> list[Difference]:
    each = [one for pair in found.pairs for one in (pair.interval_s, pair.distance_m)]
    return [*each, found.cadence_per_min, found.total_m]


@given(measured, measured)
def test_swapping_two_values_swaps_the_sign(a, b):
    """b - a is the negative of a - b, with the same uncertainty."""
    one, other = Difference(*a, *b), Difference(*b, *a)
    assert one.value == (None if other.value is None else -other.value)
    assert one.uncertainty == other.uncertainty
    assert one.clear == other.clear


@pytest.mark.parametrize(
    ("a", "b", "clear"),
    [
        ((1.0, 0.03), (1.1, 0.04), True),
        ((1.0, 0.03), (1.09, 0.04), False),
        ((1.0, 0.0), (1.0, 0.0), False),
        ((1.0, None), (9.0, None), False),
        ((None, None), (1.0, 0.1), False),
    ],
)
def test_a_difference_is_clear_from_two_sigmas(a, b, clear):
    """0.10 ± 0.05 is clear; 0.09 ± 0.05 and unknown values are not."""
    assert Difference(*a, *b).clear is clear


@few
@given(drills, drills)
def test_swapping_two_sessions_swaps_every_value(one, other):
    """The comparison is the same with signs reversed."""
    a, b = video_report(one, calibrated=True), video_report(other, calibrated=True)
    there, back = compare(a, b), compare(b, a)
    for x, y in zip(differences(there), differences(back), strict=True):
        assert (x.a, x.b) == (y.b, y.a)
        assert x.value == (None if y.value is None else -y.value)
    assert [(p.frame_a, p.foot_a) for p in there.pairs] == [
        (p.frame_b, p.foot_b) for p in back.pairs
    ]


@few
@given(drills)
def test_a_session_equals_itself(drill):
    """Every difference is zero and none is clear."""
    report = video_report(drill, calibrated=True)
    found = compare(report, report)
    assert all(one.value in (None, 0) and not one.clear for one in differences(found))
    assert all(pair.same_foot is not False for pair in found.pairs)
    assert len(found.aligned) == len(found.pairs) == len(report.sequence.measured)


def test_push_offs_are_paired_by_number():
    """Running steps are left out; the longer drill has pairs without a partner."""
    a = video_report((*RUN, *TRIPLE), calibrated=True)
    b = video_report([(50, 0.97), (150, 0.97), (260, 0.03), (380, 0.97)], calibrated=True)
    found = compare(a, b)
    assert [(p.frame_a, p.frame_b) for p in found.pairs] == [
        (320, 50),
        (430, 150),
        (560, 260),
        (None, 380),
    ]
    assert [1, 2, 3] == [pair.number for pair in found.aligned]
    first = found.pairs[0].interval_s
    assert first.value == pytest.approx(-10 / 240)
    assert first.clear
    assert found.pairs[3].interval_s.value is None


def test_an_unknown_rate_gives_no_intervals():
    """Only feet are compared."""
    found = compare(video_report(TRIPLE), video_report(TRIPLE, trusted=False))
    assert all(pair.interval_s.value is None for pair in found.pairs)
    assert found.cadence_per_min.value is None
    assert [True] * 3 == [pair.same_foot for pair in found.pairs]
