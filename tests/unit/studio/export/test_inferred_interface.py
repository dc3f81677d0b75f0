"""pushoff/studio/export/inferred_interface.py: the label config of an export file."""

import json

import pytest

from pushoff.errors import ExportWrong
from pushoff.studio.config.frames import FrameInterface
from pushoff.studio.config.label_config import parse_label_config
from pushoff.studio.config.timeline import TimelineInterface, build_timeline_config
from pushoff.studio.export.frame_labels import read_labels
from pushoff.studio.export.inferred_interface import infer_interface
from pushoff.studio.timeline.spans import complete_region, span_region
from pushoff.values import Label
from tests.unit.studio.video_samples import push_off

CONFIG = """<View><Image name="picture" value="$frame"/>
<Choices name="kind" toName="picture">
<Choice value="Push-off"/><Choice value="Not push-off"/></Choices>
<Choices name="foot" toName="picture"><Choice value="left"/><Choice value="right"/></Choices>
</View>"""


def region(from_name, *texts):
    return {
        "from_name": from_name, "to_name": "picture", "type": "choices",
        "value": {"choices": list(texts)},
    }  # fmt: skip


def export(path, *results, data=None):
    data = data or {"note": "x", "frame": "/data/upload/1/a.jpg", "key": "abc/1"}
    tasks = [
        {
            "id": number,
            "data": data,
            "annotations": [{"id": number, "result": result, "completed_by": 1, "lead_time": 1.0}],
        }
        for number, result in enumerate(results, 1)
    ]
    path.write_text(json.dumps(tasks))
    return path


def test_the_tag_may_have_any_name(tmp_path):
    """Inferred and parsed label config read the same labels from the same file."""
    path = export(
        tmp_path / "export.json",
        [region("foot", "left"), region("kind", "Push-off")],
        [region("foot", "right"), region("kind", "Not push-off")],
    )
    inferred = infer_interface(path)
    assert isinstance(inferred, FrameInterface)
    assert (inferred.from_name, inferred.to_name, inferred.image_key) == (
        "kind",
        "picture",
        "frame",
    )
    labels = [frame.label for frame in read_labels(path, inferred).frames]
    assert labels == [Label.PUSH_OFF, Label.NOT_PUSH_OFF]
    assert read_labels(path, parse_label_config(CONFIG)) == read_labels(path, inferred)


def test_spans_and_their_tick_are_recognised(tmp_path):
    """An export of whole videos gives the interface of the project that it came from."""
    original = parse_label_config(build_timeline_config())
    assert isinstance(original, TimelineInterface)
    result = [span_region(original, push_off(3, 5), "a"), complete_region(original, "b")]
    path = export(tmp_path / "export.json", result, data={"video": "/data/local-files/?d=media/v"})
    inferred = infer_interface(path)
    assert isinstance(inferred, TimelineInterface)
    assert (inferred.from_name, inferred.to_name, inferred.video_key) == ("span", "video", "video")
    assert inferred.complete_name == original.complete_name
    assert inferred.complete_choice == original.complete_choice


def test_another_choice_over_a_video_is_not_the_tick(tmp_path):
    """A video is complete only if somebody said so: otherwise other frames would get labels."""
    original = parse_label_config(build_timeline_config())
    quality = {**region("quality", "good"), "to_name": "video"}
    path = export(tmp_path / "export.json", [span_region(original, push_off(3, 5), "a"), quality])
    assert infer_interface(path).complete_name == ""


@pytest.mark.parametrize("results", [[], [[]], [[region("animal", "cat")]], [[{"value": 3}, "x"]]])
def test_an_export_without_the_labels_is_refused(tmp_path, results):
    """The remedy is to give the label config."""
    path = export(tmp_path / "export.json", *results)
    if results == [[{"value": 3}, "x"]]:
        path.write_text(path.read_text().replace('"result": [{', '"result": [3, {'))
    with pytest.raises(ExportWrong) as refused:
        infer_interface(path)
    assert refused.value.code == "no_labels"
    assert refused.value.remedy
