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
def test_labels_nested_without_end(tmp_path, deep):
    """A file made to exhaust the reader is refused like any other that is no list."""
    folder = write(tmp_path, deep)
    with pytest.raises(BadInput, match=r"events\.json"):
        load_ground_truths(folder)
    with pytest.raises(BadInput, match=r"events\.json"):
        load_ground_truth(folder / "events.json")


@pytest.mark.parametrize(
    ("events", "says"),
    [
        (_mark(frame=7.5), "7.5.*whole number"),
        (_mark(type="touch_down", frame=0.1), "0.1.*whole number"),
        ([*_mark(), *_mark(foot="right")], "frame 7 is a push-off twice"),
    ],
)
def test_labels_that_would_be_scored_wrong(tmp_path, events, says):
    """A fraction of a frame and one frame twice are refused; the sentence names file and video."""
    folder = write(tmp_path, json.dumps(listing(events)))
    with pytest.raises(BadInput, match=says) as refused:
        load_ground_truths(folder)
    assert f"{folder / 'events.json'}, a.mp4" in str(refused.value)


def test_a_whole_frame_may_be_written_as_a_fraction(tmp_path):
    """7.0 is frame 7, as some programs write it."""
    assert (7,) == load_ground_truth(
        write(tmp_path, json.dumps(listing(_mark(frame=7.0)))) / "events.json"
    ).push_off_frames
