"""pushoff/studio/task_data.py: the one reader of task data."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.label_studio_protocol import read_task
from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config, require_frame_interface
from pushoff.studio.export.frame_labels import read_labels
from pushoff.studio.task_data import read_box, read_frame
from pushoff.values import Box
from pushoff.video.event_inputs import athlete_crop

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = ("image", "athlete", "video_id", "time_s", "box", "footage", "frame_index")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([1, 2, 30, 40], Box(1, 2, 30, 40)),
        ([10.4, 20.2, 100.1, 200.0], Box(10, 20, 100, 200)),
        ([-3, 20, 100, 200], Box(0, 20, 97, 200)),
        ([5, -0.6, 10, 10], Box(5, 0, 10, 9)),
    ],
)
def test_a_box_is_rounded_and_clipped(value, expected):
    """Boxes that people or other programs write need not be whole pixels inside the picture."""
    assert read_box(value) == expected


@pytest.mark.parametrize(
    "value",
    [None, [], [1, 2, 3], "1,2,3,4", [1, 2, 0, 4], [1, 2, 0.4, 4], [1, 2, True, 4],
     [0, 0, 10**9, 1], [0, 0, 10**400, 1], [float("nan"), 0, 5, 5], [-200, 0, 100, 100],
     [1, 2, 30, "40"]],
)  # fmt: skip
def test_a_malformed_box_is_no_box(value):
    """Then the whole image is used."""
    assert read_box(value) is None


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, ANYTHING)))
def test_any_task_data_can_be_read(data):
    """A missing or malformed value becomes None or a default, never an error."""
    frame = read_frame(data, "image")
    assert frame.split_group
    assert frame.video_id
    assert frame.time_s is None or np.isfinite(frame.time_s)


@pytest.mark.parametrize("box", [[10.4, 20.2, 100.1, 200.0], [-3, 20, 100, 200], [1, 2, 30, 40]])
def test_predict_and_training_crop_the_same_square(tmp_path, box):
    """The request of /predict and the exported label of one task give equal crops."""
    interface = require_frame_interface(parse_label_config(build_label_config()))
    data = {"image": "/data/upload/1/a.jpg", "box": box}
    result = [
        {"from_name": "choice", "to_name": "image", "type": "choices",
         "value": {"choices": ["push_off"]}}
    ]  # fmt: skip
    annotation = {"id": 1, "result": result, "completed_by": 1, "lead_time": 1.0}
    export = tmp_path / "export.json"
    export.write_text(json.dumps([{"id": 1, "data": data, "annotations": [annotation]}]))
    requested = read_task({"id": 1, "data": data}, interface.image_key)
    [labelled] = read_labels(export, interface).frames
    assert requested is not None
    picture = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
    crops = [athlete_crop(picture, one.box, 64) for one in (requested.frame, labelled)]
    assert np.array_equal(*crops)
    assert not np.array_equal(crops[0], athlete_crop(picture, None, 64))
