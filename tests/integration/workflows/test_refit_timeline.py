"""Spans teach both models, and both fill in spans."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

from pushoff.storage.publications import published_version
from pushoff.storage.video_predictions import (
    VideoPredictions,
    load_video_predictions,
    save_video_predictions,
)
from pushoff.studio.predictions import version_counts
from pushoff.util.progress import ignore_progress
from pushoff.workflows.steps.champion import backbone_in_use, load_champion
from pushoff.workflows.steps.data.freeze_dataset import freeze_dataset
from pushoff.workflows.steps.data.pull_labels import pull_labels
from pushoff.workflows.steps.data.training_data import training_data
from pushoff.workflows.steps.publish_timeline import publish_timeline
from tests.integration.event_rig import Trained
from tests.integration.video_rig import VideoProject, video_project
from worker.jobs import assess_labels, publish, retrain

QUICK = {
    "size_px": "32",
    "max_epochs": "1",
    "head_steps": "30",
    "min_labels": "20",
    "min_per_class": "1",
}
"""What is learnt does not matter here, how it travels does."""


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    """A folder of rendered drills."""
    return tmp_path_factory.mktemp("videos")


@pytest.fixture
def videos(tmp_path, rendered, redis_url, label_studio, tiny) -> Iterator[VideoProject]:
    """A new project of whole videos, on a machine without any model."""
    with video_project(tmp_path, rendered, redis_url, label_studio, tiny, **QUICK) as made:
        yield made


@pytest.fixture
def with_events(
    trained: Trained, rendered, redis_url, label_studio, tiny
) -> Iterator[VideoProject]:
    """A new project of whole videos, on the machine that trained a model of events."""
    folder = trained.folder
    with video_project(folder, rendered, redis_url, label_studio, tiny) as made:
        yield made


def test_marked_videos_train_a_model_of_frames_that_fills_in_the_next_video(videos):
    """Label Studio, export, frozen dataset, training, champion, and back as suggested spans."""
    for seed, athlete in ((1, "ada"), (2, "ben"), (3, "cleo")):
        session, truth = videos.add(seed, athlete)
        videos.mark(session, *truth.push_off_frames, complete=True)
    fresh, _ = videos.add(4, "dora")
    with mock.patch.dict(os.environ, videos.environment, clear=True):
        outcome = retrain(videos.project_id, "test")["outcome"]
        assert outcome["comparison"], outcome
        assert outcome["excluded"]["near another frame"] > 0
        if not outcome["promoted"]:  # one epoch is chance: serving is what is tried here
            videos.services.registry.promote(outcome["version"], reason="test", expected=None)
        done = publish(videos.project_id, "test")
        told = assess_labels(videos.project_id, "test")
    assert published_version(done["published"]) == outcome["version"]
    assert (done["pool"], done["pushed"], done["unreadable"]) == (1, 1, 0)
    assert (
        load_video_predictions(videos.services.storage, fresh.video_id).version
        == outcome["version"]
    )
    # frames, though only three tasks have a label; the model learns from other projects, too
    assert 3 < told["labels"] <= outcome["labels"]
    [shown] = videos.task(fresh)["predictions"]
    assert shown["model_version"] == done["published"]


def test_the_model_of_events_fills_in_videos_and_a_new_one_fills_them_in_anew(with_events, trained):
    """Each version analyses a video once; labelled videos are left alone."""
    videos = with_events
    marked, truth = videos.add(1)
    videos.mark(marked, *truth.push_off_frames, complete=True)
    fresh, _ = videos.add(2, "ben")
    earlier = VideoPredictions("earlier", ((1, 0.5),))
    for video in (marked, fresh):
        save_video_predictions(videos.services.storage, video.video_id, earlier)
    done = publish_timeline(videos.services, videos.project_id, "test")
    assert published_version(done.published) == trained.version
    assert (done.pool, done.pushed, done.already_there) == (1, 1, 0)
    spotted = load_video_predictions(videos.services.storage, fresh.video_id)
    assert spotted.version == trained.version
    assert load_video_predictions(videos.services.storage, marked.video_id) == earlier
    again = publish_timeline(videos.services, videos.project_id, "test")
    assert (again.published, again.pushed) == (done.published, 0)
    counts = version_counts(videos.services.studio, videos.project_id)
    assert counts == {done.published: 1}


def test_marked_videos_teach_the_sequence_head(with_events):
    """A ticked video as every event of it, another as the frames in its spans."""
    videos, services = with_events, with_events.services
    whole, truth = videos.add(8)  # videos that no other project has
    videos.mark(whole, *truth.push_off_frames, complete=True)
    part, other = videos.add(9, "ben")
    videos.mark(part, other.push_off_frames[0])
    labels, _ = pull_labels(services, videos.project_id)
    dataset = freeze_dataset(services, videos.project_id, labels).manifest
    extractor = backbone_in_use(services, load_champion(services).model)
    data = training_data(services, extractor, dataset, ignore_progress)
    by_name = {video.video_id: video for video in data.videos}
    known, taught = by_name[whole.video_id], by_name[part.video_id]
    assert known.truth.push_off_frames == truth.push_off_frames
    assert (known.truth.complete_from, known.truth.complete_to) == (0, truth.frames - 1)
    assert dataset.truths[whole.video_id].split_group == "ada"
    assert (known.footage, known.truth.feet[0]) == ("synthetic", None)
    assert set(known.example().targets.events) == set(truth.push_off_frames)
    assert taught.truth is None
    assert set(taught.example().targets.events) == {other.push_off_frames[0]}
