import csv
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.report.json_csv import FORMAT, as_json, csv_rows, csv_text
from tests.unit.events.test_report import RUN, TRIPLE, video_report

ANY = video_report(TRIPLE)
few = settings(max_examples=25, deadline=None)


def numbers(value):
    """Every number within a JSON value, by its key."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in pairs:
        if isinstance(item, dict | list):
            yield from numbers(item)
        elif isinstance(item, int | float) and not isinstance(item, bool):
            yield key, item


@pytest.mark.parametrize(
    "report",
    [
        video_report(),
        video_report(calibrated=True),
        video_report(()),
        video_report((), visible=(0, 0)),
        video_report((), frames=0, visible=(0, 0)),
        video_report(trusted=False),
    ],
)
def test_json_is_plain(report):
    """Every report is JSON without NaN, and the same after a round trip."""
    document = as_json(report)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["format"] == FORMAT


def test_json_content():
    """Feet as an array, running steps marked, metres and seconds with units in their names."""
    document = as_json(video_report(calibrated=True))
    assert document["sequence"]["feet"] == ["L", "L", "R"]
    assert [p["number"] for p in document["push_offs"]] == ["A1", "A2", "A3", "A4", "1", "2", "3"]
    assert [p["approach"] for p in document["push_offs"]] == [True] * 4 + [False] * 3
    fourth = document["push_offs"][4]
    assert (fourth["frame"], fourth["foot"], fourth["confidence"]) == (320, "left", "sure")
    assert fourth["time_s"] == pytest.approx(320 / 240, abs=1e-6)
    assert fourth["to_next"]["distance_m"] == pytest.approx(3.2 * 110 / 246, abs=1e-5)
    assert document["athlete"]["direction"] == "right"
    assert document["model"]["video_out_of_distribution"] is False


def test_keys_do_not_depend_on_what_is_known():
    """A program that reads one report can read every other: what is unknown is null."""
    full, empty = (as_json(r) for r in (video_report(calibrated=True), video_report(trusted=False)))
    assert full.keys() == empty.keys()
    for part in ("video", "athlete", "model", "sequence", "distances", "curve"):
        assert full[part].keys() == empty[part].keys()
    assert full["push_offs"][0].keys() == empty["push_offs"][0].keys()


def test_no_invented_numbers():
    """Without a rate there are no seconds, without a calibration no metres, in JSON or CSV."""
    report = video_report(trusted=False)
    keys = [key for key, _ in numbers(as_json(report)) if isinstance(key, str)]
    assert not [key for key in keys if key.endswith(("_s", "_m", "per_min", "percent"))]
    rows = list(csv.DictReader(io.StringIO(csv_text(report))))
    blank = [name for name in rows[0] if name.endswith(("_s", "_m"))]
    assert len(blank) == 8
    assert {""} == {row[name] for row in rows for name in blank}


def test_no_push_offs_is_a_header_only():
    """No push-offs, no rows."""
    assert len(csv_rows(video_report(()))) == 1
    assert as_json(video_report(()))["push_offs"] == []


@few
@given(which=st.lists(st.sampled_from((*RUN, *TRIPLE)), unique=True))
def test_every_push_off_once(which):
    """JSON and CSV have each push-off exactly once, in order."""
    report = video_report(sorted(which))
    frames = sorted(frame for frame, _ in which)
    assert frames == [p["frame"] for p in as_json(report)["push_offs"]]
    table = list(csv.DictReader(io.StringIO(csv_text(report))))
    assert frames == [int(row["frame"]) for row in table]


@few
@given(name=st.text(min_size=1, max_size=20))
def test_no_cell_is_a_formula(name):
    """Whatever a video is called, a spreadsheet evaluates no cell."""
    for start in ("=", "+", "-", "@", "\t", "\r", "", ' "=1\n'):
        report = replace(ANY, video=start + name)
        rows = list(csv.reader(io.StringIO(csv_text(report), newline="")))
        assert len(rows) == 4
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not rows[1][0].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert rows[1][0].removeprefix("'").startswith(start[:1])


def test_transitions_are_those_of_the_feet_beside_them():
    """`transitions` are of the corrected feet and `transitions_detected` of the detected ones."""
    sequence = as_json(video_report([(60 + 90 * i, 0.4 if i == 3 else 0.97) for i in range(7)]))
    sequence = sequence["sequence"]
    assert ["L"] * 7 == sequence["feet"]
    assert ["same"] * 6 == sequence["transitions"]
    assert ["L", "L", "L", "R", "L", "L", "L"] == sequence["detected"]
    assert ["same", "same", "alternate", "alternate", "same", "same"] == sequence[
        "transitions_detected"
    ]


def test_a_missed_push_off_has_transitions_too():
    """One more foot has one more transition."""
    hops = as_json(video_report([(60 + 90 * i, 0.97) for i in range(7) if i != 3]))["sequence"]
    assert (7, 6) == (len(hops["feet"]), len(hops["transitions"]))
    assert (6, 5) == (len(hops["detected"]), len(hops["transitions_detected"]))


def test_possible_push_offs_are_marked():
    """JSON and CSV have them with their probability, `possible` set, and without a phase."""
    report = video_report((*TRIPLE[:2], (500, 0.9), TRIPLE[2]), possible=(500,))
    pushes = as_json(report)["push_offs"]
    assert [False, False, True, False] == [push["possible"] for push in pushes]
    assert ("P1", 0.14, "unsure", None) == tuple(
        pushes[2][key] for key in ("number", "probability", "confidence", "to_next")
    )
    assert ["L", "L", "R"] == as_json(report)["sequence"]["feet"]
    rows = list(csv.DictReader(io.StringIO(csv_text(report))))
    assert ["no", "no", "yes", "no"] == [row["possible"] for row in rows]
    assert "" == rows[2]["interval_to_next_s"]
