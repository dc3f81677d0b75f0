import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.ground_truth import (
    frame_label,
    load_ground_truth,
    load_ground_truths,
    push_off_mask,
    push_off_reach,
)
from pushoff.events.values import Direction
from pushoff.values import Label
from tests.unit.events.python_words import PYTHON

PUSH, NOT = Label.PUSH_OFF, Label.NOT_PUSH_OFF


@pytest.mark.parametrize(
    ("offset", "label"),
    [(-9, NOT), (-8, None), (-4, None), (-3, PUSH), (0, PUSH), (1, None), (2, None), (3, NOT)],
)
def test_labels_around_a_push_off_at_240(offset, label):
    """Three frames up to the last contact are push-off; ambiguous frames have no label."""
    assert frame_label((100 + offset) / 240, [100 / 240], 1 / 240) is label


@pytest.mark.parametrize(("offset", "label"), [(-2, NOT), (-1, NOT), (0, PUSH), (1, NOT)])
def test_at_30_only_the_last_contact(offset, label):
    """A video too slow to show ambiguous frames has none."""
    assert frame_label((50 + offset) / 30, [50 / 30], 1 / 30) is label


@given(
    rate=st.sampled_from([25, 30000 / 1001, 30, 50, 60, 120, 240000 / 1001, 240, 480, 1000]),
    index=st.integers(0, 5000),
)
def test_the_last_frame_of_contact_is_always_push_off(rate, index):
    """Whatever the rate, the labelled frame itself is a push-off."""
    assert frame_label(index / rate, [index / rate], 1 / rate) is PUSH


@given(
    rate=st.sampled_from([24, 25, 30000 / 1001, 30, 50, 60, 120, 240, 480, 1000]),
    frames=st.lists(st.integers(0, 299), max_size=6),
    start_s=st.floats(-5, 5000),
)
def test_the_mask_is_what_an_annotator_would_call_push_off(rate, frames, start_s):
    """Frame by frame, whatever the rate and the camera's clock."""
    times_s = start_s + np.arange(300) / rate
    mask = push_off_mask(times_s, frames)
    ends_s = times_s[frames].tolist()
    labels = [frame_label(time_s, ends_s, 1 / rate) is PUSH for time_s in times_s.tolist()]
    assert mask.dtype == bool and mask.tolist() == labels
    assert mask[frames].all()


@pytest.mark.parametrize("rate", [24, 25, 30000 / 1001, 30, 50, 60, 120, 240, 480, 1000])
def test_the_reach_is_how_long_the_mask_is(rate):
    """Whatever the rate."""
    times_s = np.arange(300) / rate
    assert push_off_mask(times_s, [200]).sum() == push_off_reach(times_s) + 1
    assert push_off_reach(times_s[:1]) == push_off_reach(times_s[:0]) == 0


def test_a_mask_without_push_offs_is_empty():
    """Also of a video without frames."""
    assert not push_off_mask(np.arange(5) / 30, ()).any()
    assert (0,) == push_off_mask(np.zeros(0), ()).shape


def test_a_push_off_among_ambiguous_frames_of_another():
    """A push-off that lies in the ambiguous frames of another is still labelled."""
    assert frame_label(1.0, [1.0, 1.02], 1 / 240) is PUSH


def test_no_push_offs_means_none_of_them():
    """Every frame of a video without push-offs is not_push_off."""
    assert frame_label(1.0, [], 1 / 240) is NOT


def _video(**more):
    event = {"type": "push_off", "foot": "left", "approach": True, "uncertainty_frames": 1}
    landing = {"frame": 3, "type": "touch_down", "foot": "right"}
    return {"fps": 30, "frames": 20, "events": [{"frame": 7, **event}, landing], **more}


def test_load_ground_truth(tmp_path):
    """Push-offs, their feet and the complete range are read; a touch-down is not a push-off."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"a.mp4": _video(), "b.mp4": _video(capture_fps=240)}))
    truth = load_ground_truth(path, "a.mp4")
    assert (truth.push_off_frames, truth.feet, truth.approach) == ((7,), ("left",), (True,))
    assert (truth.capture_fps, truth.complete_to, truth.footage) == (30.0, 19, "real")
    assert load_ground_truth(path, "b.mp4").capture_fps == 240.0


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"a": 1}', '{"a": {}}', '{"a": {"fps": "x"}}', "\x00"]
)
def test_invalid_file(tmp_path, text):
    """Any other content is refused with the file's name."""
    path = tmp_path / "events.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"events\.json"):
        load_ground_truth(path)


def test_which_video(tmp_path):
    """With several videos a listed name is required."""
    path = tmp_path / "events.json"
    path.write_text(json.dumps({"a.mp4": _video(), "b.mp4": _video()}))
    with pytest.raises(BadInput) as unnamed:
        load_ground_truth(path)
    with pytest.raises(BadInput, match=r"c\.mp4") as unknown:
        load_ground_truth(path, "c.mp4")
    assert (unnamed.value.code, unknown.value.code) == ("several_videos", "unknown_video")


def write(folder, videos, *names):
    (folder / "events.json").write_text(videos if isinstance(videos, str) else json.dumps(videos))
    for name in names:
        (folder / name).write_bytes(b"video")
    return folder


def test_load_ground_truths(tmp_path):
    """A folder's videos are returned by path, in order of name, each with its own events."""
    videos = {"b.mp4": _video(direction="left"), "a.mp4": _video(athlete="ann", exercise="hops")}
    truths = load_ground_truths(write(tmp_path, videos, "a.mp4", "b.mp4", "unlabelled.mp4"))
    assert list(truths) == [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    first, second = truths.values()
    assert (first.athlete, first.exercise, first.direction) == ("ann", "hops", None)
    assert (second.athlete, second.direction) == (None, Direction.LEFT)


@pytest.mark.parametrize(
    ("videos", "code"),
    [
        ({}, "no_video"),
        ("[]", "invalid_value"),
        ("[[1, 2]]", "invalid_value"),
        ('"a.mp4"', "invalid_value"),
        ("5", "invalid_value"),
        ("{", "invalid_json"),
        ("\x00", "invalid_json"),
        ('{"a.mp4": 1, "a.mp4": 2}', "invalid_json"),
        ({"gone.mp4": _video()}, "missing_video"),
        ({"../a.mp4": _video()}, "invalid_file_name"),
        ({"sub/a.mp4": _video()}, "invalid_file_name"),
        ({"..": _video()}, "missing_video"),
        ({"": _video()}, "missing_video"),
        ({"a.mp4": {}}, "invalid_value"),
        ({"a.mp4": []}, "invalid_value"),
    ],
)
def test_invalid_folder(tmp_path, videos, code):
    """A list that does not describe the videos beside it is refused; nothing outside is read."""
    with pytest.raises(BadInput, match=r"events\.json") as refused:
        load_ground_truths(write(tmp_path, videos, "a.mp4"))
    assert code == refused.value.code


def test_invalid_video_is_named(tmp_path):
    """The message names the file, the video and the field."""
    with pytest.raises(BadInput, match=r"events\.json, a\.mp4: fps is missing"):
        load_ground_truths(write(tmp_path, {"a.mp4": {}}, "a.mp4"))


def test_a_folder_without_a_list(tmp_path):
    """A folder without an events.json is refused."""
    with pytest.raises(BadInput, match=r"events\.json") as refused:
        load_ground_truths(tmp_path)
    assert refused.value.code == "unreadable_file"


def load_one(tmp_path, **more):
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
    """Slow motion without a given camera rate has frames and no seconds."""
    truth = load_one(tmp_path, **more)
    assert (truth.capture_known, truth.capture_fps) == (known, rate)


def test_touch_downs_in_order(tmp_path):
    """Touch-downs are separate from push-offs, both in time order, each foot with its event."""
    kinds = [(9, "push_off", "left"), (6, "touch_down", "left"), (4, "push_off", "right")]
    kinds += [(2, "touch_down", "right"), (12, "touch_down", None)]
    marks = [{"frame": at, "type": kind, "foot": foot} for at, kind, foot in kinds]
    truth = load_one(tmp_path, events=marks)
    assert truth.push_off_frames == (4, 9)
    assert truth.feet == ("right", "left")
    assert truth.touch_down_frames == (2, 6, 12)
    assert (truth.approach, truth.uncertainty_frames) == ((False, False), (0, 0))


def _mark(**more):
    return [{"frame": 7, "type": "push_off", "foot": "left", **more}]


@pytest.mark.parametrize(
    ("more", "names"),
    [
        ({"direction": "up"}, 'direction is "up", expected "left" or "right"'),
        ({"events": _mark(foot="L")}, 'event 1 of 1: foot is "L", expected "left" or "right"'),
        ({"events": _mark(foot=1)}, "foot is 1,"),
        ({"events": _mark(frame=20)}, "frame is 20, expected a whole number from 0 to 19"),
        ({"events": _mark(frame=-1)}, "frame is -1,"),
        ({"events": _mark(frame=7.5)}, "frame is 7.5,"),
        ({"events": _mark(frame="7")}, 'frame is "7",'),
        ({"events": _mark(frame=True)}, "frame is true,"),
        ({"events": _mark(type="touch_down", frame=20)}, "frame is 20,"),
        ({"events": _mark(frame=None)}, "frame is null,"),
        ({"events": _mark(frame=float("inf"))}, "frame is Infinity,"),
        ({"events": _mark(uncertainty_frames=-1)}, "uncertainty_frames is -1,"),
        ({"events": _mark(uncertainty_frames="1")}, 'uncertainty_frames is "1",'),
        ({"events": _mark(approach="no")}, 'approach is "no", expected true or false'),
        ({"events": _mark(type=None)}, "event 1 of 1: type is null,"),
        ({"events": _mark(type=3)}, "type is 3,"),
        ({"events": _mark() + _mark()}, "frame 7"),
        ({"events": [7]}, "event 1 of 1 is 7, expected an object"),
        ({"events": None}, "events is null, expected a list"),
        ({"events": {"frame": 7}}, 'events is {"frame": 7},'),
        (
            {"complete_from": 12, "complete_to": 5},
            "complete_to is 5, expected a whole number from 12 to 19",
        ),
        ({"complete_from": -1}, "complete_from is -1,"),
        ({"complete_to": 20}, "complete_to is 20, expected a whole number from 0 to 19"),
        ({"complete_to": "end"}, 'complete_to is "end",'),
        ({"frames": float("nan")}, "frames is NaN,"),
        ({"frames": 0}, "frames is 0,"),
        ({"frames": True}, "frames is true,"),
        ({"fps": 0}, "fps is 0,"),
        ({"fps": -30}, "fps is -30,"),
        ({"fps": float("nan")}, "fps is NaN,"),
        ({"fps": "30"}, 'fps is "30", expected a number from 1 to 10000'),
        ({"capture_fps": float("inf")}, "capture_fps is Infinity,"),
        ({"slow_motion": "yes"}, 'slow_motion is "yes", expected true or false'),
        ({"slow_motion": 1}, "slow_motion is 1,"),
        ({"width": 0}, "width is 0,"),
        ({"height": "720"}, 'height is "720",'),
        ({"width": 1280.5}, "width is 1280.5,"),
        ({"athlete": 7}, "athlete is 7, expected a string"),
        ({"footage": ["real"]}, 'footage is ["real"],'),
    ],
)
def test_invalid_values(tmp_path, more, names):
    """A value that means nothing is refused, not scored as missed: file, video, field and value
    are named."""
    with pytest.raises(BadInput, match=r"events\.json, a\.mp4[:,] ") as refused:
        load_one(tmp_path, **more)
    assert names in str(refused.value)
    assert not PYTHON.search(str(refused.value))


def test_unknown_keys_are_ignored(tmp_path):
    """A video with unknown types of events, cameras and keys loads."""
    marks = [*_mark(), {"type": "landing", "frame": "somewhere"}, {"type": "block_exit"}]
    known = load_one(
        tmp_path, events=marks, camera="drone", order=3, width=1280, height=720, note=None,
        capture_fps=None, complete_to=None, athlete=None, weather={"wind_m_s": 1.2},
    )  # fmt: skip
    assert ((7,), 19, 30) == (known.push_off_frames, known.complete_to, known.capture_fps)
    assert (1280, 720) == (known.width_px, known.height_px)
    assert (None, None) == (load_one(tmp_path).width_px, load_one(tmp_path).height_px)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
FIELDS = ["fps", "frames", "events", "width", "height", "direction", "camera", "slow_motion"]
FIELDS += ["capture_fps", "complete_from", "complete_to", "footage", "exercise", "athlete"]


@given(at=st.sampled_from(FIELDS), value=json_values, inside=st.booleans())
def test_any_value_loads_or_is_refused(tmp_path_factory, at, value, inside):
    """Any value of any field loads or is refused by a message that names file and video."""
    event = {"frame": 7, "type": "push_off"}
    more = {"events": [{**event, at: value}, {**event, "frame": value}]} if inside else {at: value}
    try:
        load_one(tmp_path_factory.getbasetemp(), **more)
    except BadInput as refused:
        assert "events.json, a.mp4" in str(refused)
        assert not PYTHON.search(str(refused)), refused


def listing(events):
    return {"a.mp4": {"fps": 30, "frames": 20, "events": events}}


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000])
def test_deeply_nested_file(tmp_path, deep):
    """A file made to exhaust the parser is refused as invalid JSON."""
    folder = write(tmp_path, deep, "a.mp4")
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
    folder = write(tmp_path, listing(events), "a.mp4")
    with pytest.raises(BadInput, match=value) as refused:
        load_ground_truths(folder)
    assert code == refused.value.code
    assert f"{folder / 'events.json'}, a.mp4" in str(refused.value)


def test_a_whole_frame_may_be_written_as_a_fraction(tmp_path):
    """7.0 is frame 7, as some programs write it."""
    assert (7,) == load_ground_truth(
        write(tmp_path, listing(_mark(frame=7.0))) / "events.json"
    ).push_off_frames
