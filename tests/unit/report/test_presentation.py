from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.analysis_result import build_session_report
from pushoff.report.presentation import (
    count_sentence,
    foot_badges,
    format_uncertain,
    interval_table,
    percent,
    push_off_rows,
    total_sentences,
    triple_jump_answer,
)
from tests.analyzed_session import reading
from tests.unit.events.test_report import RUN, TRIPLE, video_report


def test_each_push_off_has_a_row_and_a_badge() -> None:
    """Number and foot of each push-off, in order."""
    report = build_session_report(reading(), "hops.mp4")
    assert [row.label for row in push_off_rows(report)] == ["1", "2", "3"]
    assert foot_badges(report) == [("R", "R")] * 3


def test_columns_without_values_are_left_out() -> None:
    """Without a calibration there are times, but no distances, speeds or shares."""
    table = interval_table(build_session_report(reading(), "hops.mp4"))
    assert [row.span for row in table.rows] == ["1 to 2", "2 to 3"]
    assert table.heads == ("Interval", "Cadence (steps per minute)")
    assert all(len(row.cells) == 2 for row in table.rows)


def test_a_calibrated_report_has_every_column() -> None:
    """With times and distances all five columns are there, and a total."""
    report = video_report(TRIPLE, calibrated=True)
    assert len(interval_table(report).heads) == 5
    total, cadence = total_sentences(report)
    assert total.startswith("Total ")
    assert cadence.endswith("steps per minute.")
    assert total_sentences(video_report((), trusted=False)) == []


def test_counts() -> None:
    """Push-offs, running steps and possible push-offs are counted separately."""
    report = video_report((*RUN, *TRIPLE[:2], (500, 0.9), TRIPLE[2]), possible=(500,))
    expected = "3 push-offs (L, L, R) and 4 running steps; 1 more is possible (not counted)."
    assert count_sentence(report) == expected
    assert triple_jump_answer(report) == "Yes"
    assert triple_jump_answer(video_report(())) == "Unknown"


def test_digits_follow_the_uncertainty() -> None:
    """As many digits as one standard deviation makes significant."""
    shown = [
        format_uncertain(2.4142, 0.083, "m"),
        format_uncertain(2.4142, 0.17, "m"),
        format_uncertain(120.4, 7.0, ""),
        format_uncertain(None, None, "m"),
    ]
    plain = [text.replace("\N{NO-BREAK SPACE}", " ") for text in shown]
    assert plain == ["2.41 ± 0.08 m", "2.41 ± 0.17 m", "120 ± 7", "unknown"]


@given(st.floats(0, 1))
def test_no_probability_is_certain(probability: float) -> None:
    """Percentages are from 1 to 99."""
    assert 1 <= int(percent(probability).split("\N{NO-BREAK SPACE}")[0]) <= 99
