import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.events.labelling import frame_label, load_truth
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
