"""What pages show of a report, in the words of a coach."""

from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.analysis_result import build_session_report
from pushoff.report.presentation import (
    STRIP_REACH,
    film_strips,
    foot_badges,
    interval_rows,
    percent,
    push_off_row,
)
from tests.read_session import reading


def test_each_push_off_has_a_row_a_chip_and_a_strip() -> None:
    """Number, foot, time and five pictures about the last contact, 1/60 s apart."""
    report = build_session_report(reading(), "hops.mp4")
    assert [push_off_row(report, at)["label"] for at in range(3)] == ["1", "2", "3"]
    assert foot_badges(report) == [("R", "R")] * 3
    for strip, event in zip(film_strips(report), report.events, strict=True):
        pictures = strip["pictures"]
        assert [one["frame"] - event.frame for one in pictures] == [-4, -2, 0, 2, 4]
        assert len(pictures) == 2 * STRIP_REACH + 1
        assert [one["kind"] for one in pictures] == ["far", "near", "here", "near", "far"]
        assert pictures[2]["caption"] == "last contact"


def test_columns_nobody_knows_anything_for_are_left_out() -> None:
    """Without a calibration there are seconds, but no metres, speeds or shares."""
    shown = interval_rows(build_session_report(reading(), "hops.mp4"))
    assert [one["span"] for one in shown["rows"]] == ["1 to 2", "2 to 3"]
    assert (shown["seconds"], shown["metres"], shown["speeds"]) == (True, False, False)


@given(st.floats(0, 1))
def test_no_probability_is_called_certain(probability: float) -> None:
    """What is written lies from 1 to 99 %."""
    assert 1 <= int(percent(probability).split("\N{NO-BREAK SPACE}")[0]) <= 99
