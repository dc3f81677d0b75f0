"""Every point of a trend stands inside its drawing, higher values higher."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from pushoff.coach.trend import TrendPoint, TrendSeries
from pushoff.coach.trend_chart import BOTTOM_PX, TOP_PX, draw_trend

points = st.lists(
    st.builds(
        TrendPoint,
        st.just("0" * 16),
        st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        st.floats(-1e4, 1e4),
        st.floats(0, 1e3),
    ),
    min_size=1,
    max_size=20,
).map(lambda some: tuple(sorted(some, key=lambda point: point.filmed_on)))


@given(points)
def test_everything_is_inside_the_drawing(some):
    """Points, error bars and ticks, for any values."""
    chart = draw_trend(TrendSeries("Cadence", "", some))
    for dot in chart.dots:
        assert 0 < dot.x_percent < 100
        assert TOP_PX <= dot.high_px <= dot.y_px <= dot.low_px <= BOTTOM_PX
    assert all(TOP_PX <= y <= BOTTOM_PX for y, _ in chart.ticks)
    assert 1 <= len(chart.ticks) <= 8
    assert [dot.x_percent for dot in chart.dots] == sorted(dot.x_percent for dot in chart.dots)


@given(points)
def test_larger_values_are_drawn_higher(some):
    """For any values."""
    dots = sorted(draw_trend(TrendSeries("", "", some)).dots, key=lambda dot: dot.point.value)
    heights = [dot.y_px for dot in dots]
    assert heights == sorted(heights, reverse=True)
