import json

import pytest

from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config
from pushoff.studio.export.frame_labels import read_labels
from pushoff.studio.export.latest_annotations import read_annotations
from pushoff.values import Label
from tests.unit.studio.export.test_frame_labels import annotation

INTERFACE = parse_label_config(build_label_config())
YES, NO = Label.PUSH_OFF, Label.NOT_PUSH_OFF


@pytest.fixture
def export(tmp_path):
    """Writes tasks as an export; each argument is the annotations of one task."""

    def write(*annotations):
        tasks = [
            {"id": i, "data": {"image": f"/data/upload/1/0a1b2c3d-a_{i}.jpg"}, "annotations": one}
            for i, one in enumerate(annotations, start=1)
        ]
        path = tmp_path / "export.json"
        path.write_text(json.dumps(tasks))
        return path

    return write


def shown(*choices, version="v1.abcdef"):
    """The prediction Label Studio keeps with an annotation."""
    return {"model_version": version, "result": annotation(*choices)["result"]}


def test_each_annotators_latest_annotation_counts(export):
    """Annotators who disagree both count; an earlier annotation of one of them does not."""
    path = export(
        [annotation("push_off", by=1), annotation("not_push_off", by=2, number=2),
         annotation("push_off", by=2, number=3, at="2026-01-02T00:00:00Z")],
        [annotation("push_off", was_cancelled=True)],
    )  # fmt: skip
    [only] = read_annotations(path, INTERFACE)
    assert (1, [(1, YES), (2, YES)]) == (
        only.task_id,
        [(word.annotator, word.label) for word in only.annotations],
    )


def test_a_changed_suggestion_is_the_annotators_own_label(export):
    """Only what was in sight and accepted as it was counts as coming from the suggestion, also
    when Label Studio has forgotten the prediction."""
    path = export(
        [annotation("push_off", parent_prediction=7, prediction=shown("push_off"))],
        [annotation("push_off", parent_prediction=7, prediction=shown("not_push_off"))],
        [annotation("push_off", prediction=shown("push_off"))],
        [annotation("push_off", prediction=shown("push_off"), lead_time=None)],
    )
    words = [one.annotations[0] for one in read_annotations(path, INTERFACE)]
    assert [(YES, True), (NO, False), (YES, True), (None, False)] == [
        (word.suggested, word.from_suggestion) for word in words
    ]
    labels = read_labels(path, INTERFACE).frames
    assert [True, False, True, False] == [frame.from_suggestion for frame in labels]


def test_a_blind_task_has_a_version_and_no_suggestion(export):
    """A blind task's prediction has no choice: its version is known, its label hidden."""
    path = export([annotation("push_off", prediction=shown())], [annotation("push_off")])
    words = [one.annotations[0] for one in read_annotations(path, INTERFACE)]
    assert [(None, "v1.abcdef"), (None, "")] == [(one.suggested, one.version) for one in words]


def test_one_annotator_without_the_suggestion_makes_it_a_human_label(export):
    """Of two who agree one looked for themselves: the label is not the model's."""
    path = export([annotation("push_off", parent_prediction=7), annotation("push_off", by=2)])
    assert [False] == [frame.from_suggestion for frame in read_labels(path, INTERFACE).frames]


def test_a_bulk_accepted_suggestion_is_recognised_without_its_prediction(export):
    """Nobody looked at it: without the prediction the copied score still tells."""
    copied = annotation("push_off", lead_time=None)
    copied["result"][0]["score"] = 0.9
    path = export([copied], [annotation("push_off", lead_time=None)])
    read = read_labels(path, INTERFACE)
    assert (1, [2]) == (read.excluded["bulk accepted"], [one.task_id for one in read.frames])


def with_foot(foot: str, label: str = "push_off", **more):
    """An answer that names the foot as well."""
    said = annotation(label, **more)
    region = {"from_name": "foot", "type": "choices", "value": {"choices": [foot]}}
    return {**said, "result": [*said["result"], region]}


def test_the_foot_of_a_push_off_is_a_label(export):
    """Of a frame that is none it means nothing; annotators who disagree are counted."""
    interface = parse_label_config(build_label_config(foot=True))
    path = export(
        [with_foot("left")],
        [with_foot("left", "not_push_off")],
        [with_foot("left", by=1), with_foot("right", by=2, number=2)],
        [with_foot("left", by=1), annotation("push_off", by=2, number=2)],
    )
    exported = read_labels(path, interface)
    assert [frame.foot for frame in exported.frames] == ["left", None, None, "left"]
    assert exported.excluded == {"two feet": 1}
    assert [frame.foot for frame in read_labels(path, INTERFACE).frames] == [None] * 4
