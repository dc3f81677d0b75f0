import json

import pytest

from pushoff.errors import BadInput
from pushoff.events.ground_truth import load_ground_truth, load_ground_truths


def _mark(**more):
    return [{"frame": 7, "type": "push_off", "foot": "left", **more}]


def listing(events):
    return {"a.mp4": {"fps": 30, "frames": 20, "events": events}}


def write(folder, text):
    (folder / "events.json").write_text(text)
    (folder / "a.mp4").write_bytes(b"video")
    return folder


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000])
def test_deeply_nested_file(tmp_path, deep):
    """A file made to exhaust the parser is refused as invalid JSON."""
    folder = write(tmp_path, deep)
    with pytest.raises(BadInput, match=r"events\.json") as refused:
        load_ground_truths(folder)
    assert refused.value.code == "invalid_json"
    with pytest.raises(BadInput, match=r"events\.json") as refused:
        load_ground_truth(folder / "events.json")
    assert refused.value.code == "invalid_json"


@pytest.mark.parametrize(
    ("events", "code", "value"),
    [
        (_mark(frame=7.5), "invalid_value", "7.5"),
        (_mark(type="touch_down", frame=0.1), "invalid_value", "0.1"),
        ([*_mark(), *_mark(foot="right")], "duplicate_push_off", "frame 7"),
    ],
)
def test_labels_that_would_be_scored_wrong(tmp_path, events, code, value):
    """A fraction of a frame and one frame twice are refused; the message names file and video."""
    folder = write(tmp_path, json.dumps(listing(events)))
    with pytest.raises(BadInput, match=value) as refused:
        load_ground_truths(folder)
    assert code == refused.value.code
    assert f"{folder / 'events.json'}, a.mp4" in str(refused.value)


def test_a_whole_frame_may_be_written_as_a_fraction(tmp_path):
    """7.0 is frame 7, as some programs write it."""
    assert (7,) == load_ground_truth(
        write(tmp_path, json.dumps(listing(_mark(frame=7.0)))) / "events.json"
    ).push_off_frames
