"""pushoff/studio/timeline/labels.py: from spans to a label for each frame."""

import pytest

from pushoff.studio.export.frame_labels import read_labels
from pushoff.studio.timeline.labels import read_videos
from pushoff.values import Box, Label
from tests.unit.studio.video_samples import (
    annotation,
    export,
    interface,
    no_push_off,
    push_off,
    stored_video,
)


def labels(video) -> dict[int, Label]:
    return {frame: word.label for frame, word in video.labels.items()}


def test_a_span_labels_its_frames_and_no_others(read):
    """Frames outside the spans have no label unless the video is marked as complete."""
    video, excluded = read(annotation(1, push_off(97, 100), no_push_off(150, 151)))
    assert labels(video) == {
        **dict.fromkeys(range(97, 101), Label.PUSH_OFF),
        150: Label.NOT_PUSH_OFF,
        151: Label.NOT_PUSH_OFF,
    }
    assert (video.push_offs, video.complete, excluded) == ((100,), False, {})


def test_in_a_complete_video_the_rest_is_not_push_off_except_near_push_offs(read):
    """33 ms before a push-off's last contact and 8 ms after it, less the span itself."""
    video, _ = read(annotation(1, push_off(97, 100), complete=True))
    said = labels(video)
    nothing = set(range(240)) - set(said)
    assert nothing == set(range(92, 97)) | {101, 102}
    assert {frame for frame, label in said.items() if label is Label.PUSH_OFF} == {97, 98, 99, 100}
    assert video.complete


def test_a_span_of_one_frame_leaves_the_frames_before_it_open(read):
    """The last 12.5 ms are push_off by rule, whoever marked only their end: so they are nothing."""
    video, _ = read(annotation(1, push_off(100, 100), complete=True))
    assert not {97, 98, 99} & set(labels(video))


def test_a_complete_video_without_a_push_off_is_all_not_push_off(read):
    """An athlete who only walks by."""
    video, _ = read(annotation(1, complete=True))
    assert set(labels(video).values()) == {Label.NOT_PUSH_OFF}
    assert (len(video.labels), video.push_offs, video.complete) == (240, (), True)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (annotation(1), "empty"),
        (annotation(1, push_off(1, 2), was_cancelled=True), "skipped"),
        (annotation(1, push_off(1, 2), parent_prediction=5, lead_time=None), "bulk accepted"),
        (annotation(1, push_off(500, 600)), "outside the video"),
    ],
)
def test_excluded_annotations_are_counted_by_reason(read, said, reason):
    """As for single frames: skipped, empty and bulk-accepted annotations are not labels."""
    video, excluded = read(said)
    assert video is None or video.labels == {}
    assert excluded == {reason: 1}


def test_an_unknown_label_leaves_the_annotation_out(read):
    """Somebody renamed a label in Label Studio."""
    said = annotation(1, push_off(1, 2))
    said["result"][0]["value"]["timelinelabels"] = ["jump"]
    assert read(said) == (None, {"unknown": 1})


def test_the_latest_annotation_of_an_annotator_counts(read):
    """Also where it is a skip; one accepted in bulk is none."""
    video, excluded = read(annotation(1, push_off(10, 12)), annotation(2, push_off(20, 22)))
    assert (video.push_offs, excluded) == ((22,), {"replaced": 1})
    skipped = annotation(2, was_cancelled=True)
    assert read(annotation(1, push_off(10, 12)), skipped) == (None, {"replaced": 1, "skipped": 1})
    bulk = annotation(2, push_off(30, 31), parent_prediction=5, lead_time=None)
    video, excluded = read(annotation(1, push_off(10, 12)), bulk)
    assert (video.push_offs, excluded) == ((12,), {"bulk accepted": 1})


def test_several_annotators_vote_frame_by_frame(read):
    """Where they differ by a frame nothing is lost; where they contradict the video is not
    whole."""
    mine = annotation(1, push_off(97, 100), complete=True)
    video, excluded = read(mine, annotation(2, push_off(98, 101), complete=True, by=2))
    assert (video.push_offs, video.complete, excluded) == ((101,), True, {})
    against = annotation(2, complete=True, by=2)
    video, excluded = read(mine, against)
    assert not video.complete and video.push_offs == ()
    assert excluded == {"disagreement": 4}
    video, _ = read(mine, against, annotation(3, push_off(97, 100), complete=True, by=3))
    assert (video.push_offs, video.complete) == ((100,), True)


def test_a_coach_counts_as_an_annotator_of_their_own(read):
    """Corrections do not replace what the owner of that account marked."""
    coach = annotation(2, push_off(50, 53), lead_time=None)
    coach["result"][0]["id"] = f"coach-{'a' * 16}-0"
    video, excluded = read(annotation(1, push_off(97, 100)), coach)
    assert (video.push_offs, excluded) == ((53, 100), {})
    edited = coach | {"lead_time": 4.0}
    video, excluded = read(annotation(1, push_off(97, 100)), edited)
    assert (video.push_offs, excluded) == ((53,), {"replaced": 1})


def test_overlapping_spans_of_both_labels_give_no_label(read):
    """Only the frames in both spans."""
    video, excluded = read(annotation(1, push_off(97, 100), no_push_off(100, 110)))
    assert 100 not in video.labels and 99 in video.labels and 101 in video.labels
    assert excluded == {"two labels": 1}


def test_a_video_that_is_not_stored_is_counted(storage, tmp_path):
    """A video without stored times and boxes cannot be trained on."""
    path = export(tmp_path / "export.json", ("0" * 16, [annotation(1, push_off(1, 2))]))
    assert read_videos(path, interface(), storage) == ([], {"video unknown": 1})
    assert read_labels(path, interface(), storage).excluded == {"video unknown": 1}


def test_accepted_suggestions_are_recognised(read):
    """A changed span is the annotator's own, and so are frames of a removed suggestion."""
    shown = annotation(9, push_off(20, 22), push_off(50, 52), push_off(150, 152))
    mine = (push_off(20, 22), push_off(50, 54), push_off(97, 100))
    about = {"prediction": {"result": shown["result"]}}  # its parent is forgotten once deleted
    video, _ = read(annotation(1, *mine, complete=True, **about))
    accepted = {frame for frame, word in video.labels.items() if word.suggested}
    assert {20, 21, 22, 200} <= accepted
    assert not accepted & {50, 52, 54, 97, 100, 150, 151, 152}
    video, _ = read(annotation(1, *mine, complete=True))
    assert not any(word.suggested for word in video.labels.values())


def test_a_suggestion_that_ends_after_the_video_is_read_up_to_its_end(read):
    """Its end may be any number: what lies outside the video takes neither memory nor time."""
    shown = annotation(9, push_off(200, 10**15))
    about = {"prediction": {"result": shown["result"]}}
    video, _ = read(annotation(1, push_off(97, 100), complete=True, **about))
    assert [video.labels[frame].suggested for frame in (150, 199, 200, 239)] == [
        True,
        True,
        False,
        False,
    ]


def test_more_frames_are_unlabelled_in_slow_motion_of_unknown_rate(storage, tmp_path):
    """A file at 30/s may be 240/s: the eight frames before a push-off are ambiguous."""
    session = stored_video(storage, tmp_path, 100, 30, file_fps=30)
    said = [annotation(1, push_off(50, 50), complete=True)]
    path = export(tmp_path / "export.json", (session, said))
    [video], _ = read_videos(path, interface(), storage)
    assert set(range(100)) - set(video.labels) == set(range(42, 50)) | {51, 52}


def test_frames_have_address_time_and_box(storage, tmp_path):
    """As training of single frames takes them, named by task and frame."""
    session = stored_video(storage, tmp_path)
    path = export(tmp_path / "export.json", (session, [annotation(7, push_off(99, 100), by=4)]))
    found = read_labels(path, interface(), storage)
    first, second = found.frames
    assert first.image == f"/data/local-files/?d=media/{session}/000099.jpg"
    assert (first.task_id, first.frame_index, second.frame_index) == (1, 99, 100)
    assert (first.time_s, first.box) == (99 / 240, Box(99, 0, 10, 20))
    assert (first.split_group, first.video_id, first.footage) == ("ada", session, "synthetic")
