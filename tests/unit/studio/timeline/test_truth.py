"""pushoff/studio/timeline/truth.py: the push-offs of a completely marked video."""

import pytest

from pushoff.studio.export.frame_labels import read_labels
from pushoff.studio.timeline.labels import read_videos
from pushoff.studio.timeline.truth import truth_of
from tests.unit.studio.video_samples import (
    annotation,
    export,
    interface,
    no_push_off,
    push_off,
    stored_video,
)


def test_every_marked_push_off_is_known(read):
    """The last frame of each span, between the first and the last frame of the video; feet are not
    marked."""
    video, _ = read(annotation(1, push_off(97, 100), push_off(200, 202), complete=True))
    truth = truth_of(video)
    assert (truth.push_off_frames, truth.feet) == ((100, 202), (None, None))
    assert (truth.frames, truth.complete_from, truth.complete_to) == (240, 0, 239)
    assert (truth.approach, truth.uncertainty_frames) == ((False, False), (0, 0))
    assert (truth.athlete, truth.footage) == ("ada", "synthetic")
    assert truth.touch_down_frames == ()


def named(number: int, texts: list[str], **more):
    """An annotation whose spans have these labels, each ending at 100, 150, ..."""
    spans = [push_off(97 + 50 * place, 100 + 50 * place) for place in range(len(texts))]
    said = annotation(number, *spans, complete=True, **more)
    for region, text in zip(said["result"], texts, strict=False):
        region["value"]["timelinelabels"] = [text]
    return said


def test_spans_name_feet_and_running_steps(read):
    """By their label, alias or value."""
    video, _ = read(named(1, ["approach_left", "right foot", "push_off"]))
    truth = truth_of(video)
    assert truth.feet == ("left", "right", None)
    assert truth.approach == (True, False, False)


def test_annotators_who_name_different_feet_are_counted(read):
    """Nobody's foot is taken; what only one of them names is."""
    video, excluded = read(
        named(1, ["push_off_left", "push_off"]),
        named(2, ["push_off_right", "push_off_left"], by=2),
    )
    assert truth_of(video).feet == (None, "left")
    assert excluded == {"two feet": 1}


def test_a_video_without_push_offs_is_known_as_well(read):
    """Somebody who only walks by."""
    video, _ = read(annotation(1, complete=True))
    assert truth_of(video).push_off_frames == ()


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ({"fps": 240}, (240, False, True)),
        ({"fps": 240, "file_fps": 30, "capture_fps": 240}, (240, True, True)),
        ({"fps": 30, "file_fps": 30}, (30, False, False)),
    ],
)
def test_the_rate_is_the_cameras(storage, tmp_path, rates, expected):
    """Slow motion of a known rate; of an unknown one the file's rate, and that it is unknown."""
    session = stored_video(storage, tmp_path, 100, **rates)
    path = export(tmp_path / "x.json", (session, [annotation(1, push_off(50, 50), complete=True)]))
    [video], _ = read_videos(path, interface(), storage)
    truth = truth_of(video)
    assert (truth.capture_fps, truth.slow_motion, truth.capture_known) == expected


def test_only_completely_marked_videos_have_a_truth(storage, tmp_path):
    """Of a video with some spans the frames alone are labels; so it is where annotators
    disagree."""
    whole = stored_video(storage, tmp_path, athlete="ada")
    part = stored_video(storage, tmp_path, athlete="ben")
    tied = stored_video(storage, tmp_path, athlete="cleo")
    mine = annotation(1, push_off(97, 100), complete=True)
    path = export(
        tmp_path / "x.json",
        (whole, [mine]),
        (part, [annotation(2, push_off(97, 100), no_push_off(150, 160))]),
        (tied, [mine, annotation(3, complete=True, by=2)]),
    )
    read = read_labels(path, interface(), storage)
    assert {whole} == set(read.truths)
    assert read.truths[whole].push_off_frames == (100,)
    assert {whole, part, tied} == {frame.video_id for frame in read.frames}
