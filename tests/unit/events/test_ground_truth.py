import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.ground_truth import frame_label, load_ground_truth, load_ground_truths
from pushoff.events.values import Direction
from pushoff.values import Label
from tests.unit.events.python_words import PYTHON

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
    """A video too slow to show the twilight has none."""
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
    """A video without push-offs is all not_push_off."""
    assert frame_label(1.0, [], 1 / 240) is NOT


def _video(**more):
    event = {"type": "push_off", "foot": "left", "approach": True, "uncertainty_frames": 1}
    landing = {"frame": 3, "type": "touch_down", "foot": "right"}
    return {"fps": 30, "frames": 20, "events": [{"frame": 7, **event}, landing], **more}


def test_load_truth(tmp_path):
    """Push-offs, feet and the range they are complete in are read; touch-downs are not them."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"a.mp4": _video(), "b.mp4": _video(capture_fps=240)}))
    truth = load_ground_truth(path, "a.mp4")
    assert (truth.push_off_frames, truth.feet, truth.approach) == ((7,), ("left",), (True,))
    assert (truth.capture_fps, truth.complete_to, truth.footage) == (30.0, 19, "real")
    assert load_ground_truth(path, "b.mp4").capture_fps == 240.0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"a": 1}', '{"a": {}}', '{"a": {"fps": "x"}}', "\x00"]
)
def test_what_is_not_truth(tmp_path, text):
    """Anything else is refused in words."""
    path = tmp_path / "events.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"events\.json"):
        load_ground_truth(path)


def test_which_video(tmp_path):
    """With several videos the name must be given, and be there."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"a.mp4": _video(), "b.mp4": _video()}))
    with pytest.raises(BadInput, match="say which"):
        load_ground_truth(path)
    with pytest.raises(BadInput, match=r"c\.mp4"):
        load_ground_truth(path, "c.mp4")


def write(folder, videos, *names):
    (folder / "events.json").write_text(videos if isinstance(videos, str) else json.dumps(videos))
    for name in names:
        (folder / name).write_bytes(b"video")
    return folder


def test_load_truths(tmp_path):
    """A folder's videos come by their paths, in order of name, each with its own truth."""
    videos = {"b.mp4": _video(direction="left"), "a.mp4": _video(athlete="ann", exercise="hops")}
    truths = load_ground_truths(write(tmp_path, videos, "a.mp4", "b.mp4", "unlabelled.mp4"))
    assert list(truths) == [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    first, second = truths.values()
    assert (first.athlete, first.exercise, first.direction) == ("ann", "hops", None)
    assert (second.athlete, second.direction) == (None, Direction.LEFT)


@pytest.mark.parametrize(
    ("videos", "says"),
    [
        ({}, "no video"),
        ("[]", "list of videos"),
        ("[[1, 2]]", "list of videos"),
        ('"a.mp4"', "list of videos"),
        ("5", "list of videos"),
        ("{", "not JSON: see line 1, column 2"),
        ("\x00", "not JSON"),
        ('{"a.mp4": 1, "a.mp4": 2}', "given twice"),
        ({"gone.mp4": _video()}, "not beside it"),
        ({"../a.mp4": _video()}, "not a file name"),
        ({"sub/a.mp4": _video()}, "not a file name"),
        ({"..": _video()}, "not beside it"),
        ({"": _video()}, "not beside it"),
        ({"a.mp4": {}}, r"events\.json, a\.mp4: fps is missing"),
        ({"a.mp4": []}, r"a\.mp4: it is \[\], not an object"),
    ],
)
def test_a_folder_that_is_not_of_clips(tmp_path, videos, says):
    """What is not a list of videos beside it is refused in words, and nothing outside is read."""
    with pytest.raises(BadInput, match=says):
        load_ground_truths(write(tmp_path, videos, "a.mp4"))


def test_a_folder_without_a_list(tmp_path):
    """A folder without an events.json is refused."""
    with pytest.raises(BadInput, match=r"events\.json cannot be read"):
        load_ground_truths(tmp_path)


def one(tmp_path, **more):
    return load_ground_truth(write(tmp_path, {"a.mp4": _video(**more)}) / "events.json")


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
    ("more", "says"),
    [
        ({"direction": "up"}, 'direction is "up": say left, right or null'),
        ({"events": _mark(foot="L")}, 'event 1 of 1: foot is "L": say left, right or null'),
        ({"events": _mark(foot=1)}, "foot is 1:"),
        ({"events": _mark(frame=20)}, "frame is 20: say a whole number from 0 to 19"),
        ({"events": _mark(frame=-1)}, "frame is -1:"),
        ({"events": _mark(frame=7.5)}, "frame is 7.5:"),
        ({"events": _mark(frame="7")}, 'frame is "7":'),
        ({"events": _mark(frame=True)}, "frame is true:"),
        ({"events": _mark(type="touch_down", frame=20)}, "frame is 20:"),
        ({"events": _mark(frame=None)}, "frame is null:"),
        ({"events": _mark(frame=float("inf"))}, "frame is Infinity:"),
        ({"events": _mark(uncertainty_frames=-1)}, "uncertainty_frames is -1:"),
        ({"events": _mark(uncertainty_frames="1")}, 'uncertainty_frames is "1":'),
        ({"events": _mark(approach="no")}, 'approach is "no": say true or false'),
        ({"events": _mark(type=None)}, "it has no type: say push_off or touch_down"),
        ({"events": _mark(type=3)}, "type is 3:"),
        ({"events": _mark() + _mark()}, "frame 7 is a push-off twice"),
        ({"events": [7]}, "event 1 of 1: it is 7, not an object"),
        ({"events": None}, "events is null: say a list"),
        ({"events": {"frame": 7}}, 'events is {"frame": 7}:'),
        ({"complete_from": 12, "complete_to": 5}, "complete_to is 5: say a whole number from 12"),
        ({"complete_from": -1}, "complete_from is -1:"),
        ({"complete_to": 20}, "complete_to is 20: say a whole number from 0 to 19"),
        ({"complete_to": "end"}, 'complete_to is "end":'),
        ({"frames": float("nan")}, "frames is NaN:"),
        ({"frames": 0}, "frames is 0:"),
        ({"frames": True}, "frames is true:"),
        ({"fps": 0}, "fps is 0:"),
        ({"fps": -30}, "fps is -30:"),
        ({"fps": float("nan")}, "fps is NaN:"),
        ({"fps": "30"}, 'fps is "30": say a number'),
        ({"capture_fps": float("inf")}, "capture_fps is Infinity:"),
        ({"slow_motion": "yes"}, 'slow_motion is "yes": say true or false'),
        ({"slow_motion": 1}, "slow_motion is 1:"),
        ({"width": 0}, "width is 0:"),
        ({"height": "720"}, 'height is "720":'),
        ({"width": 1280.5}, "width is 1280.5:"),
        ({"athlete": 7}, "athlete is 7: say a text or null"),
        ({"footage": ["real"]}, 'footage is ["real"]:'),
    ],
)
def test_truth_that_cannot_be_true(tmp_path, more, says):
    """What means nothing is refused, not scored as missed: file, video and value are named."""
    with pytest.raises(BadInput, match=r"events\.json, a\.mp4: ") as refused:
        one(tmp_path, **more)
    assert says in str(refused.value)
    assert not PYTHON.search(str(refused.value))


def test_what_others_write_too_is_left_aside(tmp_path):
    """Kinds of events, cameras and keys nobody here knows do not keep a video from loading."""
    marks = [*_mark(), {"type": "landing", "frame": "somewhere"}, {"type": "block_exit"}]
    known = one(
        tmp_path, events=marks, camera="drone", order=3, width=1280, height=720, note=None,
        capture_fps=None, complete_to=None, athlete=None, weather={"wind_m_s": 1.2},
    )  # fmt: skip
    assert ((7,), 19, 30) == (known.push_off_frames, known.complete_to, known.capture_fps)
    assert (1280, 720) == (known.width_px, known.height_px)
    assert (None, None) == (one(tmp_path).width_px, one(tmp_path).height_px)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FIELDS = ["fps", "frames", "events", "width", "height", "direction", "camera", "slow_motion"]
FIELDS += ["capture_fps", "complete_from", "complete_to", "footage", "exercise", "athlete"]


@given(at=st.sampled_from(FIELDS), value=json_values, inside=st.booleans())
def test_nothing_written_is_answered_in_python(tmp_path_factory, at, value, inside):
    """Any value anywhere loads or is refused in a sentence that names file and video."""
    event = {"frame": 7, "type": "push_off"}
    more = {"events": [{**event, at: value}, {**event, "frame": value}]} if inside else {at: value}
    try:
        one(tmp_path_factory.getbasetemp(), **more)
    except BadInput as refused:
        assert "events.json, a.mp4: " in str(refused)
        assert not PYTHON.search(str(refused)), refused
