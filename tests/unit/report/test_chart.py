import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.report.chart import Axis, draw_curve, tick_step
from tests.unit.events.test_report import TRIPLE, video_report

numbers = st.floats(-1000, 1000)


@given(low=numbers, span=st.floats(0.01, 1000), share=st.floats(0, 1))
def test_an_axis_maps_its_ends(low: float, span: float, share: float) -> None:
    """Positions are within the axis, in order, and the ends are the ends."""
    axis = Axis(low, low + span, 100.0, 0.0)
    assert (axis.position(low), axis.position(low + span)) == (100.0, 0.0)
    assert 0 <= axis.position(low + share * span) <= 100
    assert axis.position(low - 1) == 100.0


@given(low=numbers, span=st.floats(0.01, 1000))
def test_ticks_are_few_round_and_inside(low: float, span: float) -> None:
    """At most eight ticks, all within the axis, at multiples of the step."""
    ticks = Axis(low, low + span, 0.0, 100.0).ticks()
    assert len(ticks) <= 8
    step = tick_step(span)
    for position, label in ticks:
        assert 0 <= position <= 100
        assert float(label) / step == pytest.approx(round(float(label) / step), abs=0.01)


def test_whole_ticks() -> None:
    """An axis of frames has whole numbers only."""
    assert [label for _, label in Axis(0, 3, 0, 100).ticks(whole=True)] == ["0", "1", "2", "3"]


def test_the_curve_of_a_report() -> None:
    """Every push-off has a mark with its foot; without a known rate the axis is in frames."""
    chart = draw_curve(video_report(TRIPLE))
    assert chart is not None
    assert [mark.letter for mark in chart.marks] == ["L", "L", "R"]
    assert [mark.kind for mark in chart.marks] == ["push"] * 3
    assert chart.marks[0].title == "1: left foot, 1.333 s"
    assert len(chart.polyline.split()) == len(chart.points)
    frames = draw_curve(video_report(TRIPLE, trusted=False))
    assert frames is not None
    assert frames.axis == "frames"
    assert draw_curve(video_report((), visible=(0, 0))) is None
