"""pushoff/report/error_bars.py: coordinates of a chart with error bars."""

from hypothesis import given
from hypothesis import strategies as st

from pushoff.report.error_bars import BOTTOM_PX, TOP_PX, ErrorBar, draw_error_bars


def bar(x: float, value: float, error: float) -> ErrorBar:
    """A point with a symmetric error bar."""
    return ErrorBar(x, value, value - error, value + error, "")


bars = st.lists(
    st.builds(bar, st.integers(0, 4000), st.floats(-1e4, 1e4), st.floats(0, 1e3)),
    min_size=1,
    max_size=20,
).map(lambda some: sorted(some, key=lambda point: point.x))


@given(bars)
def test_everything_is_inside_the_drawing(some):
    """Points, error bars and ticks, for any values."""
    chart = draw_error_bars(some)
    for dot in chart.dots:
        assert 0 < dot.x_percent < 100
        assert TOP_PX <= dot.high_px <= dot.y_px <= dot.low_px <= BOTTOM_PX
    assert all(TOP_PX <= y <= BOTTOM_PX for y, _ in chart.ticks)
    assert 1 <= len(chart.ticks) <= 8
    assert [dot.x_percent for dot in chart.dots] == sorted(dot.x_percent for dot in chart.dots)


@given(bars)
def test_larger_values_are_drawn_higher(some):
    """For any values."""
    order = sorted(range(len(some)), key=lambda index: some[index].value)
    dots = draw_error_bars(some).dots
    heights = [dots[index].y_px for index in order]
    assert heights == sorted(heights, reverse=True)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6))
def test_the_axis_stays_within_its_range(values):
    """The axis of an F1 score ends at 0 and 1."""
    chart = draw_error_bars([bar(x, value, 0) for x, value in enumerate(values)], 0.0, 1.0)
    assert all(0 <= float(label) <= 1 for _, label in chart.ticks)


def test_one_point_is_in_the_middle():
    """A single point has no scale of its own on the x axis."""
    assert draw_error_bars([bar(5, 1.0, 0.1)]).dots[0].x_percent == 55.0
