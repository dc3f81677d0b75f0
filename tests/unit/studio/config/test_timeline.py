"""Label configs of whole videos."""

import pytest

from pushoff.errors import BadInput, LabelConfigWrong
from pushoff.studio.config.frames import FrameInterface, build_label_config
from pushoff.studio.config.label_config import parse_label_config, require_frame_interface
from pushoff.studio.config.label_names import PushOffKind
from pushoff.studio.config.timeline import TimelineInterface, build_timeline_config
from pushoff.values import Label
from pushoff.video.preview import PREVIEW_FPS
from tests.unit.studio.video_samples import interface

OTHER = """<View><Video name="v" value="$video" frameRate="25"/>
<TimelineLabels name="t" toName="v"><Label value="Push Off" alias="po"/></TimelineLabels></View>"""


def test_our_own_config_offers_both_labels_and_the_tick():
    """Over the video of task data, at the preview's rate."""
    ours = interface()
    assert ours.labels == {label: label.choice for label in Label}
    assert (ours.video_key, ours.complete_choice) == ("video", "every_push_off")
    assert f'frameRate="{PREVIEW_FPS}"' in build_timeline_config()


def test_labels_name_foot_and_running_step():
    """They are push_off all the same, and the plain one stays the one that is suggested."""
    ours = interface()
    assert ours.kinds["push_off_left"] == ours.kinds["left foot"] == PushOffKind("left")
    assert ours.kinds["approach"] == PushOffKind(approach=True)
    assert ours.kinds["approach_right"] == PushOffKind("right", approach=True)
    assert {ours.spellings[text] for text in ours.kinds} == {Label.PUSH_OFF}
    assert ours.labels[Label.PUSH_OFF] == "push_off"


def test_another_config_is_understood_by_its_labels():
    """Alias first; without a tick no video is ever complete; not_push_off may be missing."""
    found = parse_label_config(OTHER)
    assert isinstance(found, TimelineInterface)
    assert (found.from_name, found.to_name, found.video_key) == ("t", "v", "video")
    assert found.labels == {Label.PUSH_OFF: "po"}
    assert found.spellings == {"po": Label.PUSH_OFF, "Push Off": Label.PUSH_OFF}
    assert (found.complete_name, found.complete_choice) == ("", "")


@pytest.mark.parametrize("change", [("push_off", "jump"), ("$video", "video"), ("toName", "to")])
def test_without_push_off_over_a_video_it_is_refused(change):
    """The message says what to add."""
    with pytest.raises(LabelConfigWrong, match="TimelineLabels"):
        parse_label_config(build_timeline_config().replace(*change))


def test_commands_of_single_frames_say_that_the_project_is_of_videos():
    """And let a project of frames through."""
    with pytest.raises(BadInput, match="labels whole videos"):
        require_frame_interface(interface())
    frames = parse_label_config(build_label_config())
    assert isinstance(require_frame_interface(frames), FrameInterface)
