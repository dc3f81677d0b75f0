import json
from collections import Counter

import pytest

from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config
from pushoff.studio.export.frame_labels import read_labels
from pushoff.values import Box, Label

INTERFACE = parse_label_config(build_label_config(foot=True))
YES, NO = Label.PUSH_OFF, Label.NOT_PUSH_OFF


def annotation(*choices, by=1, at="2026-01-01T00:00:00Z", number=1, **more):
    result = [
        {"from_name": "choice", "to_name": "image", "type": "choices", "value": {"choices": [one]}}
        for one in choices
    ]
    return {
        "id": number, "result": result, "completed_by": by, "was_cancelled": False,
        "updated_at": at, "lead_time": 1.5, "parent_prediction": None, **more,
    }  # fmt: skip


@pytest.fixture
def reading(tmp_path):
    """Reads tasks written as an export; each argument is the annotations of one task."""

    def read(*annotations, data=None):
        tasks = [
            {"id": i, "data": data or {"image": f"/data/upload/1/0a1b2c3d-a_{i}.jpg"},
             "annotations": list(one)}
            for i, one in enumerate(annotations, start=1)
        ]  # fmt: skip
        path = tmp_path / "export.json"
        path.write_text(json.dumps(tasks))
        return read_labels(path, INTERFACE)

    return read


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (annotation("push_off", was_cancelled=True), "skipped"),
        (annotation(), "empty"),
        (annotation("landing"), "unknown"),
        (annotation("push_off", "not_push_off"), "two labels"),
        (annotation("push_off", parent_prediction=7, lead_time=None), "bulk accepted"),
        ({**annotation("push_off"), "result": None}, "empty"),
        ({**annotation("push_off"), "result": "push_off"}, "empty"),
        ({**annotation("push_off"), "result": [{"from_name": "choice", "value": 5}]}, "empty"),
        ({**annotation(), "result": [{"from_name": "foot", "value": {"choices": ["left"]}}]},
         "empty"),
        ({**annotation(), "result": [{"from_name": "choice", "value": {"choices": [3]}}]},
         "unknown"),
    ],
)  # fmt: skip
def test_excluded_annotations_are_counted_by_reason(reading, one, reason):
    """Skipped, empty, unknown, contradictory and bulk-accepted annotations are not labels."""
    read = reading([one], [annotation("push_off")])
    assert Counter({reason: 1}) == read.excluded
    assert [2] == [frame.task_id for frame in read.frames]


def test_a_suggestion_a_person_accepted_is_a_label(reading):
    """Submitting a suggestion unchanged is a human label that is marked as a suggestion."""
    read = reading([annotation("push_off", parent_prediction=7)])
    assert [(YES, True)] == [(one.label, one.from_suggestion) for one in read.frames]


def test_a_person_correcting_a_bulk_accepted_one_wins(reading):
    """The bulk-accepted copy is excluded; the annotator's label counts."""
    read = reading(
        [annotation("push_off", parent_prediction=7, lead_time=None),
         annotation("not_push_off", at="2026-01-02T00:00:00Z", number=2)]
    )  # fmt: skip
    assert [NO] == [one.label for one in read.frames]


def test_an_annotators_latest_annotation_counts(reading):
    """Whatever the order in the file."""
    late = annotation("not_push_off", at="2026-02-01T00:00:00Z", number=2)
    read = reading([late, annotation("push_off")])
    assert [NO] == [one.label for one in read.frames]
    assert Counter(replaced=1) == read.excluded


def test_the_majority_of_annotators_decides_and_a_tie_excludes(reading):
    """Two against one is a label, one against one is a disagreement."""
    yes, no = annotation("push_off", by=1), annotation("not_push_off", by=2, number=2)
    third = annotation("not_push_off", by=3, number=3)
    read = reading([yes, no], [yes, no, third])
    assert [(2, NO)] == [(one.task_id, one.label) for one in read.frames]
    assert Counter(disagreement=1) == read.excluded


def test_the_metadata_of_ingest_is_read(reading):
    """Athlete, session, frame, time, box and footage as ingest wrote them."""
    data = {
        "image": "/data/local-files/?d=media/s/000001.jpg", "athlete": "Ada", "video_id": "s",
        "time_s": 0.5, "box": [1, 2, 30, 40], "footage": "synthetic", "frame_index": 120,
    }  # fmt: skip
    read = reading([annotation("push_off", by={"id": 9})], data=data)
    frame = read.frames[0]
    assert (frame.frame_index, frame.project_id, read.truths) == (120, None, {})
    assert ("Ada", "s", 0.5, Box(1, 2, 30, 40), "synthetic") == (
        frame.split_group, frame.video_id, frame.time_s, frame.box, frame.footage,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("image", "group"),
    [
        ("/data/upload/3/1667705b-jump2_0017.jpg", "jump2"),
        ("/data/upload/3/1667705b-jump2-frame0017.png", "jump2"),
        ("/data/upload/3/1667705b-jump2%20%2812%29.png", "jump2"),
        ("/data/upload/3/1667705b-0017.jpg", "0017"),
        ("/data/local-files/?d=lab/ada_003.jpg", "ada"),
        ("https://media.example.org/clips/ben-44.jpg?x=1", "ben"),
        ("s3://bucket/cleo_1.png", "cleo"),
        ("data:image/png;base64,AAAA", "pasted"),
    ],
)
def test_uploads_by_hand_are_grouped_by_name(reading, image, group):
    """Frames of one clip stay together: the name without Label Studio's prefix and the number."""
    frame = reading([annotation("push_off")], data={"image": image}).frames[0]
    assert (group, group, None) == (frame.split_group, frame.video_id, frame.box)


@pytest.mark.parametrize(
    "box", [None, [], [1, 2, 3], [1, 2, 3, "4"], [-9, 0, 5, 5], [0, 0, 0, 5], [0, 0, 0.4, 1], "x"]
)
def test_a_malformed_box_means_the_whole_image(reading, box):
    """People write task data by hand: a malformed box does not exclude the label."""
    data = {"image": "/data/upload/1/x.jpg", "box": box, "time_s": "soon", "footage": 5,
            "frame_index": -1}  # fmt: skip
    frame = reading([annotation("push_off")], data=data).frames[0]
    assert (None, None, "real") == (frame.box, frame.time_s, frame.footage)
    assert frame.frame_index is None


def test_a_task_without_image_is_counted(reading):
    """Labels of tasks without an image address are excluded."""
    read = reading([annotation("push_off")], data={"text": "hello"})
    assert ((), Counter({"no image": 1})) == (read.frames, read.excluded)
