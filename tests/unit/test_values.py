"""Values that all packages share."""

from fractions import Fraction

from pushoff.values import Box, Label, LabelledFrame, VideoInfo


def test_labels_are_class_indices_and_choices():
    """The number is the class of every model, the choice the name in Label Studio."""
    assert [(label.value, label.choice) for label in Label] == [
        (0, "not_push_off"), (1, "push_off"),
    ]  # fmt: skip


def test_a_slow_motion_file_is_slower_than_life():
    """240 frames per second shown at 30 play eight times slower."""
    info = VideoInfo(640, 360, Fraction(30), Fraction(240), 8.0, 0, 240, "h264")
    assert info.slow_down == 8
    assert info.duration_s / info.slow_down == 1


def test_a_box_is_a_list_in_task_data():
    """x, y, width, height: `Box(*box.as_list())` is the box."""
    box = Box(1, 2, 30, 40)
    assert Box(*box.as_list()) == box


def test_frames_of_one_task_differ_by_their_time():
    """Also where a task is a whole video."""
    frames = [
        LabelledFrame(7, "/a.jpg", Label.PUSH_OFF, "ana", "s", "real", None, time_s, False)
        for time_s in (0.1, 0.2, None)
    ]
    assert len({frame.key for frame in frames}) == 3
