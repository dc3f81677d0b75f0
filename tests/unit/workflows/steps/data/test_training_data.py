"""Labels of a data set with the features that are stored of their videos."""

import io
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pushoff.events.ground_truth import GroundTruth
from pushoff.learning.data.dataset import build_dataset
from pushoff.learning.data.manifest import VideoTruth
from pushoff.learning.features.extract_features import features_key
from pushoff.learning.features.feature_extractor import WITH_MIRROR
from pushoff.learning.features.video_features import features_to_bytes
from pushoff.services import Services, open_services
from pushoff.settings import Settings
from pushoff.storage.datasets import save_image
from pushoff.storage.deletion import delete_video
from pushoff.storage.videos import add_video
from pushoff.util.file_digest import sha256_of
from pushoff.util.progress import ignore_progress
from pushoff.values import Box, Exercise, Label, LabelledFrame
from pushoff.workflows.steps.data.training_data import labels_of_truth, training_data
from tests.unit.learning.event_samples import known, small_extractor, video_of
from tests.unit.learning.learning_samples import draw

EXTRACTOR = small_extractor()


@pytest.fixture
def services(tmp_path) -> Iterator[Services]:
    """Without Label Studio and Redis."""
    settings = Settings(_env_file=None, data_dir=tmp_path / "data", accepted_weight=0.5)
    with open_services(settings) as opened:
        yield opened


def stored_video(services: Services, name: str, athlete: str, truth: GroundTruth) -> str:
    """The id of a video whose features are in storage; its file is never decoded."""
    path = services.scratch / name
    path.write_text(name)
    sha256 = sha256_of(path)
    key = features_key(sha256, None, EXTRACTOR, WITH_MIRROR)
    services.storage.write(key, features_to_bytes(replace(video_of(truth), sha256=sha256)))
    video = add_video(services.storage, path, athlete=athlete, exercise=Exercise.STEPS)
    return video.video_id


def labelled(video_id: str, athlete: str, frame: int, label: Label, task_id: int) -> LabelledFrame:
    """One answer, every second of them an accepted suggestion."""
    return LabelledFrame(
        task_id=task_id,
        image=f"/data/{task_id}.jpg",
        label=label,
        split_group=athlete,
        video_id=video_id,
        footage="real",
        box=None,
        time_s=frame / 30,
        from_suggestion=task_id % 2 == 0,
        frame_index=frame,
    )


def test_videos_have_their_labels_folds_and_groups(services):
    """Single frames and a marked video; one athlete has two videos, so videos are held out."""
    truth = known(4)
    first, second = (stored_video(services, f"{name}.mp4", "ana", truth) for name in "ab")
    frames = [
        labelled(first, "ana", frame + shift, Label(shift == 0), 10 * frame + number)
        for frame in truth.push_off_frames
        for number, shift in enumerate((-4, 0, 2))
    ]
    images = {frame.key: f"{number:064x}" for number, frame in enumerate(frames)}
    marked = {second: VideoTruth(truth, "ana", "synthetic")}
    dataset = build_dataset(frames, marked, images, None)
    assert dataset.split_by == "session"

    data = training_data(services, EXTRACTOR, dataset, ignore_progress)
    assert len(data.pictures) == 0
    videos = {video.video_id: video for video in data.videos}
    assert {video.group for video in data.videos} == {first, second}
    assert set(data.folds) == {0, 1}
    answers = videos[first]
    assert answers.truth is None
    assert answers.rows.labels.sum() == len(truth.push_off_frames)
    assert set(answers.rows.weights.tolist()) == {0.5, 1.0}
    assert np.array_equal(answers.rows.unaided, answers.rows.weights == 1.0)
    whole = videos[second]
    assert (whole.truth, whole.footage) == (truth, "synthetic")
    assert whole.frames.tolist() == list(range(truth.frames))
    assert tuple(whole.frames[whole.rows.labels == 1]) == truth.push_off_frames
    assert not set(answers.folds) & set(whole.folds)


def test_athletes_are_the_groups_where_they_are_held_out(services):
    """Two athletes: each is a group with all videos of theirs."""
    truth = known(4)
    marked = {
        stored_video(services, f"{athlete}{number}.mp4", athlete, truth): VideoTruth(
            truth, athlete, "real"
        )
        for athlete in ("ana", "bo")
        for number in (1, 2)
    }
    dataset = build_dataset([], marked, {}, None)
    data = training_data(services, EXTRACTOR, dataset, ignore_progress)
    assert data.split_by == "athlete"
    assert sorted(video.group for video in data.videos) == ["ana", "ana", "bo", "bo"]


def test_ambiguous_frames_of_a_marked_video_have_no_label():
    """At 240/s the frames beside a push-off are neither; outside the complete range nothing is
    known."""
    truth = replace(known(2, step=8), complete_from=20)
    times_s = np.arange(truth.frames) / 240
    labels = labels_of_truth(truth, times_s)
    event = truth.push_off_frames[0]
    assert [labels.get(event + shift) for shift in (-9, -8, -4, -3, 0, 1, 3)] == [
        Label.NOT_PUSH_OFF, None, None, Label.PUSH_OFF, Label.PUSH_OFF, None, Label.NOT_PUSH_OFF,
    ]  # fmt: skip
    assert min(labels) == 20


def picture(task_id: int, box: Box | None, label: Label, **changes) -> LabelledFrame:
    """An uploaded picture that is labelled by hand."""
    frame = labelled("clip", "clip", 0, label, task_id)
    return replace(frame, frame_index=None, box=box, from_suggestion=False, **changes)


def stored_picture(services: Services, seed: int) -> str:
    """The SHA-256 of a frozen picture."""
    file = io.BytesIO()
    Image.fromarray(draw(Label.PUSH_OFF, seed, 64)).save(file, "PNG")
    return save_image(services.storage, file.getvalue())


def test_two_athletes_in_one_picture_are_two_crops(services):
    """Each has its own box, label and name: what a model says of one is not said of the other."""
    sha256 = stored_picture(services, 1)
    boxes = [Box(0, 0, 30, 60), Box(30, 0, 30, 60)]
    frames = [picture(n, box, Label(n)) for n, box in enumerate(boxes)]
    frames += [picture(2, boxes[0], Label.NOT_PUSH_OFF), picture(3, boxes[1], Label.PUSH_OFF)]
    images = {frame.key: sha256 if frame.task_id < 2 else stored_picture(services, frame.task_id)
              for frame in frames}  # fmt: skip
    dataset = build_dataset(frames, {}, images, None)
    pictures = training_data(services, EXTRACTOR, dataset, ignore_progress).pictures
    assert len(pictures) == len(set(pictures.names)) == 4
    assert pictures.rows.labels.tolist() == [0, 1, 0, 1]
    assert not np.array_equal(pictures.features[0], pictures.features[1])
    again = training_data(services, EXTRACTOR, dataset, ignore_progress).pictures
    assert again.names == pictures.names
    assert np.array_equal(again.features, pictures.features)


def test_a_frame_of_a_video_that_is_gone_is_a_picture_alone(services):
    """Deleted, or not to be decoded: its frozen image still teaches the picture head."""
    truth = known(4)
    kept = stored_video(services, "kept.mp4", "ana", truth)
    gone = stored_video(services, "gone.mp4", "ben", truth)
    frames = [
        replace(
            labelled(name, athlete, frame + shift, Label(shift == 0), 100 * number + frame + shift),
            box=Box(0, 0, 60, 60),
        )
        for number, (name, athlete) in enumerate(((kept, "ana"), (gone, "ben")))
        for frame in truth.push_off_frames
        for shift in (-4, 0)
    ]
    images = {frame.key: stored_picture(services, frame.task_id) for frame in frames}
    dataset = build_dataset(frames, {}, images, None)
    delete_video(services.storage, gone)
    data = training_data(services, EXTRACTOR, dataset, ignore_progress)
    assert [video.video_id for video in data.videos] == [kept]
    assert len(data.pictures) == 8 and set(data.pictures.groups) == {"ben"}
    assert set(data.pictures.rows.folds) == {f.fold for f in dataset.frames if f.video_id == gone}


def test_accepted_spans_of_a_marked_video_stay_accepted(services):
    """Their frames weigh less for the picture head, and count as aided when it is judged."""
    truth = known(4)
    video = stored_video(services, "a.mp4", "ana", truth)
    frames = [
        labelled(video, "ana", frame, Label.PUSH_OFF, 2 * frame) for frame in truth.push_off_frames
    ]
    images = {frame.key: f"{frame.task_id:064x}" for frame in frames}
    dataset = build_dataset(frames, {video: VideoTruth(truth, "ana", "real")}, images, None)
    [whole] = training_data(services, EXTRACTOR, dataset, ignore_progress).videos
    aided = np.isin(whole.frames, truth.push_off_frames)
    assert np.array_equal(whole.rows.unaided, ~aided)
    assert np.array_equal(whole.rows.weights, np.where(aided, 0.5, 1.0))
