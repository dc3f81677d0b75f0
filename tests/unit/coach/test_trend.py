"""pushoff/coach/trend.py: quantities by date, with uncertainties."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.coach.trend import TrendEntry, hop_to_step, mean_distance, mean_interval, trend
from tests.unit.events.test_report import TRIPLE, video_report

few = settings(max_examples=15, deadline=None)
DAY = date(2026, 3, 1)


def entry(number, **more):
    report = video_report(more.pop("pushes", TRIPLE), **{"calibrated": True, **more})
    return TrendEntry(f"{number:016x}", DAY + timedelta(number), report)


@few
@given(st.permutations(range(5)))
def test_points_are_ordered_by_date(order):
    """For any order of the sessions."""
    entries = [entry(k) for k in range(5)]
    assert trend(entries) == trend([entries[k] for k in order])
    assert [DAY + timedelta(k) for k in range(5)] == [p.filmed_on for p in trend(entries)[0].points]


def test_unknown_quantities_are_left_out():
    """No metres without a calibration, no seconds without a capture rate."""
    found = trend([entry(0), entry(1, calibrated=False), entry(2, trusted=False)])
    assert {series.name: len(series.points) for series in found} == {
        "Cadence": 2,
        "Mean interval between push-offs": 2,
        "Mean distance between push-offs": 2,
        "Ratio of mean hop to mean step": 2,
    }
    assert trend([entry(0, pushes=())]) == trend([]) == ()


def test_mean_interval_and_distance():
    """Two intervals of 1.0 s together are 0.5 s each, with half the uncertainty of the sum."""
    report = video_report(TRIPLE, calibrated=True)
    seconds, error = mean_interval(report)
    assert seconds == pytest.approx(1 / 2)
    assert error == pytest.approx(0.0055 / 2, rel=0.25)
    metres, off = mean_distance(report)
    assert metres == pytest.approx(report.distances.total_m / 2)
    assert off == pytest.approx(report.distances.total_uncertainty_m / 2)


def test_hop_to_step():
    """L,L,R: a hop, then a step; the uncertainty is that of the share."""
    report = video_report(TRIPLE, calibrated=True)
    hop, step = report.distances.phases
    ratio, error = hop_to_step(report)
    assert ratio == pytest.approx(hop.distance_m / step.distance_m)
    up = (hop.share_percent + hop.share_uncertainty_percent) / 100
    assert ratio + error == pytest.approx(up / (1 - up), rel=0.01)


@pytest.mark.parametrize("feet", [(0.97,) * 4, (0.97, 0.03, 0.97, 0.03)])
def test_hop_to_step_needs_both(feet):
    """Hops alone and steps alone have no ratio."""
    pushes = [(60 + 110 * k, left) for k, left in enumerate(feet)]
    assert hop_to_step(video_report(pushes, calibrated=True)) is None
