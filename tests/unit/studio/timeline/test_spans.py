"""Spans between our frames and Label Studio's."""

import pytest

from pushoff.studio.timeline.spans import Span, is_complete, push_off_span, span_region, spans_in
from pushoff.values import Label
from tests.unit.studio.video_samples import annotation, interface, push_off


def test_label_studio_counts_from_one_and_both_ends_belong_to_the_span():
    """Our frames 9 to 12 are Label Studio's 10 to 13."""
    region = span_region(interface(), push_off(9, 12), "a")
    assert region["value"]["ranges"] == [{"start": 10, "end": 13}]
    assert spans_in({"result": [region]}, interface()) == [push_off(9, 12)]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"ranges": None, "timelinelabels": ["push_off"]},
        {"ranges": [{"start": 1}], "timelinelabels": ["push_off"]},
        {"ranges": [{"start": 3, "end": 2}], "timelinelabels": ["push_off"]},
        {"ranges": [{"start": 1.5, "end": 2}], "timelinelabels": ["push_off"]},
        {"ranges": ["1-2"], "timelinelabels": ["push_off"]},
    ],
)
def test_a_range_that_is_not_whole_frames_is_not_a_span(value):
    """Any task data can be read without an exception."""
    region = {"from_name": "span", "type": "timelinelabels", "value": value}
    assert spans_in({"result": [region]}, interface()) == []


@pytest.mark.parametrize("labels", [["jump"], [], ["push_off", "not_push_off"], None, [3]])
def test_a_label_we_do_not_know_is_none(labels):
    """The span is there, but says nothing we understand."""
    value = {"ranges": [{"start": 1, "end": 2}], "timelinelabels": labels}
    region = {"from_name": "span", "type": "timelinelabels", "value": value}
    assert [one.label for one in spans_in({"result": [region]}, interface())] == [None]


def test_the_tick_is_found():
    """Ticked, not ticked, and a project that has no tick."""
    assert is_complete(annotation(1, complete=True), interface())
    assert not is_complete(annotation(1, push_off(1, 2)), interface())


@pytest.mark.parametrize(("fps", "first"), [(240, 97), (120, 99), (60, 100), (30, 100)])
def test_a_push_off_is_the_last_12_5_ms_of_a_contact(fps, first):
    """Four frames at 240/s, one at 60/s; the last is the last one with ground contact."""
    span = push_off_span([frame / fps for frame in range(200)], 100)
    assert (span.first, span.last, span.label) == (first, 100, Label.PUSH_OFF)
    assert push_off_span([0.0, 1 / 240], 0) == Span(0, 0, Label.PUSH_OFF)
