import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.labelling import frame_label, load_truth, load_truths
from pushoff.events.values import Direction
from pushoff.values import Label

PUSH, NOT = Label.PUSH_OFF, Label.NOT_PUSH_OFF


@pytest.mark.parametrize(
    ("offset", "label"),
    [(-9, NOT), (-8, None), (-4, None), (-3, PUSH), (0, PUSH), (1, None), (2, None), (3, NOT)],
)
def test_the_cycle_at_240(offset, label):
    """Three frames and the last contact are push-off; what nobody can tell is left out."""
    assert frame_label((100 + offset) / 240, [100 / 240], 1 / 240) is label


@pytest.mark.parametrize(("offset", "label"), [(-2, NOT), (-1, NOT), (0, PUSH), (1, NOT)])
def test_at_30_only_the_last_contact(offset, label):
    """A film too slow to show the twilight has none."""
    assert frame_label((50 + offset) / 30, [50 / 30], 1 / 30) is label


@given(
    rate=st.sampled_from([25, 30000 / 1001, 30, 50, 60, 120, 240000 / 1001, 240, 480, 1000]),
    index=st.integers(0, 5000),
)
def test_the_last_frame_of_contact_is_always_push_off(rate, index):
    """Whatever the rate, the labelled frame itself is a push-off."""
    assert frame_label(index / rate, [index / rate], 1 / rate) is PUSH


def test_a_push_off_wins_over_another_ones_twilight():
    """Close events do not hide each other."""
    assert frame_label(1.0, [1.0, 1.02], 1 / 240) is PUSH


def test_no_push_offs_means_none_of_them():
    """A film without push-offs is all not_push_off."""
    assert frame_label(1.0, [], 1 / 240) is NOT


def _film(**more):
    event = {"type": "push_off", "foot": "left", "approach": True, "uncertainty_frames": 1}
    landing = {"frame": 3, "type": "touch_down", "foot": "right"}
    return {"fps": 30, "frames": 20, "events": [{"frame": 7, **event}, landing], **more}


def test_load_truth(tmp_path):
    """Push-offs, feet and the range they are complete in are read; touch-downs are not them."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"a.mp4": _film(), "b.mp4": _film(capture_fps=240)}))
    truth = load_truth(path, "a.mp4")
    assert (truth.push_off_frames, truth.feet, truth.approach) == ((7,), ("left",), (True,))
    assert (truth.capture_fps, truth.complete_to, truth.footage) == (30.0, 19, "real")
    assert load_truth(path, "b.mp4").capture_fps == 240.0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"a": 1}', '{"a": {}}', '{"a": {"fps": "x"}}', "\x00"]
)
def test_what_is_not_truth(tmp_path, text):
    """Anything else is refused in words."""
    path = tmp_path / "events.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"events\.json"):
        load_truth(path)


def test_which_film(tmp_path):
    """With several films the name must be given, and be there."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"a.mp4": _film(), "b.mp4": _film()}))
    with pytest.raises(BadInput, match="say which"):
        load_truth(path)
    with pytest.raises(BadInput, match=r"c\.mp4"):
        load_truth(path, "c.mp4")


def write(folder, films, *names):
    (folder / "events.json").write_text(films if isinstance(films, str) else json.dumps(films))
    for name in names:
        (folder / name).write_bytes(b"film")
    return folder


def test_load_truths(tmp_path):
    """A folder's films come by their paths, in order of name, each with its own truth."""
    films = {"b.mp4": _film(direction="left"), "a.mp4": _film(athlete="ann", exercise="hops")}
    truths = load_truths(write(tmp_path, films, "a.mp4", "b.mp4", "unlabelled.mp4"))
    assert list(truths) == [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    first, second = truths.values()
    assert (first.athlete, first.exercise, first.direction) == ("ann", "hops", None)
    assert (second.athlete, second.direction) == (None, Direction.LEFT)


@pytest.mark.parametrize(
    ("films", "says"),
    [
        ({}, "no film"),
        ("[]", "list of films"),
        ("[[1, 2]]", "list of films"),
        ('"a.mp4"', "list of films"),
        ("5", "list of films"),
        ("{", "list of films"),
        ("\x00", "list of films"),
        ({"gone.mp4": _film()}, "not beside it"),
        ({"../a.mp4": _film()}, "not a file name"),
        ({"sub/a.mp4": _film()}, "not a file name"),
        ({"..": _film()}, "not beside it"),
        ({"": _film()}, "not beside it"),
        ({"a.mp4": {}}, "does not describe"),
        ({"a.mp4": []}, "not a list of events"),
    ],
)
def test_a_folder_that_is_not_of_clips(tmp_path, films, says):
    """What is not a list of films beside it is refused in words, and nothing outside is read."""
    with pytest.raises(BadInput, match=says):
        load_truths(write(tmp_path, films, "a.mp4"))


def test_a_folder_without_a_list(tmp_path):
    """A folder without an events.json is refused."""
    with pytest.raises(BadInput, match=r"events\.json cannot be read"):
        load_truths(tmp_path)


def one(tmp_path, **more):
    return load_truth(write(tmp_path, {"a.mp4": _film(**more)}) / "events.json")


@pytest.mark.parametrize(
    ("more", "known", "rate"),
    [
        ({}, True, 30),
        ({"slow_motion": True}, False, 30),
        ({"slow_motion": True, "capture_fps": 240}, True, 240),
        ({"slow_motion": False, "fps": 240}, True, 240),
    ],
)
def test_whether_the_cameras_rate_is_known(tmp_path, more, known, rate):
    """Slow motion whose rate nobody wrote down has frames and no seconds."""
    truth = one(tmp_path, **more)
    assert (truth.capture_known, truth.capture_fps) == (known, rate)


def test_touch_downs_in_order(tmp_path):
    """Touch-downs are kept apart from push-offs, both in time order, feet with their events."""
    kinds = [(9, "push_off", "left"), (6, "touch_down", "left"), (4, "push_off", "right")]
    kinds += [(2, "touch_down", "right"), (12, "touch_down", None)]
    marks = [{"frame": at, "type": kind, "foot": foot} for at, kind, foot in kinds]
    truth = one(tmp_path, events=marks)
    assert truth.push_off_frames == (4, 9)
    assert truth.feet == ("right", "left")
    assert truth.touch_down_frames == (2, 6, 12)
    assert (truth.approach, truth.uncertainty_frames) == ((False, False), (0, 0))


def _mark(**more):
    return [{"frame": 7, "type": "push_off", "foot": "left", **more}]


@pytest.mark.parametrize(
    "more",
    [
        {"direction": "up"},
        {"events": _mark(foot="L")},
        {"events": _mark(foot=1)},
        {"events": _mark(frame=20)},
        {"events": _mark(frame=-1)},
        {"events": _mark(type="touch_down", frame=20)},
        {"events": _mark(frame=None)},
        {"events": _mark(frame=float("inf"))},
        {"events": _mark(uncertainty_frames=-1)},
        {"complete_from": 12, "complete_to": 5},
        {"frames": float("nan")},
        {"fps": 0},
        {"capture_fps": float("inf")},
    ],
)
def test_truth_that_cannot_be_true(tmp_path, more):
    """Feet, frames, ranges and rates that mean nothing are refused, not scored as missed."""
    with pytest.raises(BadInput, match=r"events\.json"):
        one(tmp_path, **more)
