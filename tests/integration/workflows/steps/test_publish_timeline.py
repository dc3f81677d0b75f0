"""Whole videos in the real Label Studio: made, filled in, labelled, read back, corrected."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import httpx
import pytest

from pushoff.errors import BadInput, LabelConfigWrong
from pushoff.learning.starter import RULES
from pushoff.storage.publications import published_version
from pushoff.storage.video_index import video_frames
from pushoff.storage.video_predictions import VideoPredictions, save_video_predictions
from pushoff.storage.videos import media_key, preview_key
from pushoff.studio.export.frame_labels import read_labels
from pushoff.studio.export.snapshot import pull_export
from pushoff.studio.project import create_project, label_count
from pushoff.studio.tasks import list_tasks
from pushoff.studio.timeline.labels import read_videos
from pushoff.studio.timeline.spans import Span
from pushoff.values import Label
from pushoff.video.preview import iterate_preview
from pushoff.workflows.steps.frame_images import write_labelled
from pushoff.workflows.steps.publish_timeline import publish_timeline
from pushoff.workflows.steps.request_publishes import request_publishes
from sdk_scripts.doctor import findings
from sdk_scripts.label_folders import import_
from tests.integration.studio_rig import plan
from tests.integration.video_rig import VideoProject, video_project


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    """A folder of rendered drills."""
    return tmp_path_factory.mktemp("videos")


@pytest.fixture
def videos(tmp_path, rendered, redis_url, label_studio, tiny) -> Iterator[VideoProject]:
    """A new project of whole videos."""
    with video_project(tmp_path, rendered, redis_url, label_studio, tiny) as made:
        yield made


def exported(videos: VideoProject):
    """What the project's export teaches frame by frame, and video by video."""
    storage = videos.services.storage
    snapshot = pull_export(videos.services.studio, videos.project_id, storage)
    with storage.local_copy(snapshot.key) as path:
        return (
            read_labels(path, videos.interface, storage),
            read_videos(path, videos.interface, storage)[0],
        )


def test_a_video_becomes_one_task_whose_video_label_studio_serves(videos, label_studio):
    """One picture for each frame of the video, sent in pieces so that seeking is quick."""
    session, truth = videos.add(1)
    task = videos.task(session)
    assert task["data"]["athlete"] == "ada"
    url = label_studio.url + task["data"]["video"]
    headers = label_studio.headers | {"Range": "bytes=100-199"}
    piece = httpx.get(url, headers=headers, timeout=30)
    assert (piece.status_code, len(piece.content)) == (206, 100)
    assert piece.headers["content-type"] == "video/mp4"
    with videos.services.storage.local_copy(preview_key(session.video_id)) as path:
        assert len(list(iterate_preview(path, 0, 10_000))) == truth.frames
    again = videos.ingest(session)
    assert (again.tasks_created, again.tasks_already_there) == (0, 1)


def test_a_project_of_videos_is_repaired_and_never_mixed_up_with_one_of_frames(
    videos, tiny, label_studio
):
    """The same title finds it again; a project of frames with labels keeps its kind."""
    studio, root = videos.services.studio, label_studio.storage_root
    title = studio.get(f"/api/projects/{videos.project_id}")["title"]
    studio.patch(f"/api/projects/{videos.project_id}", {"label_config": "<View></View>"})
    repaired = create_project(studio, plan(tiny, root, title=title, timeline=True))
    assert repaired.project_id == videos.project_id
    assert any("label config" in line for line in repaired.repaired)
    session, _ = videos.add(1)
    videos.mark(session, 20)
    with pytest.raises(LabelConfigWrong, match="labels whole videos, not single frames"):
        create_project(studio, plan(tiny, root, title=title))


def test_spotted_push_offs_are_filled_in_and_the_least_certain_video_comes_first(videos):
    """Each span ends at the last contact, in Label Studio's frames from 1; nothing twice."""
    services, project_id = videos.services, videos.project_id
    sure, _ = videos.add(1)
    unsure, truth = videos.add(2, "ben")
    nothing, _ = videos.add(3, "cleo")
    last = truth.push_off_frames[0]
    for session, push_offs in (
        (sure, ((20, 0.9), (40, 0.8))),
        (unsure, ((last, 0.4),)),
        (nothing, ()),
    ):
        save_video_predictions(
            services.storage, session.video_id, VideoPredictions("spotter-v1", push_offs)
        )
    publish_as(videos, "spotter-v1")
    task = services.studio.get(f"/api/tasks/{videos.task(unsure)['id']}")
    [shown] = task["predictions"]
    [region] = shown["result"]
    assert region["value"] == {
        "ranges": [{"start": last + 1, "end": last + 1}],  # at 60/s one frame is 17 ms
        "timelinelabels": ["push_off"],
    }
    assert (shown["model_version"], shown["score"], region["score"]) == ("spotter-v1", 0.4, 0.4)
    for wanted in (nothing, unsure, sure):
        offered = services.studio.get(f"/api/projects/{project_id}/next")
        assert offered["data"]["video_id"] == wanted.video_id
        videos.mark(wanted, 20)


def publish_as(videos: VideoProject, version: str) -> int:
    """Push the stored predictions of `version`, as the worker does after analysing a video."""
    from pushoff.storage.video_predictions import load_video_predictions
    from pushoff.studio.predictions import activate_version
    from pushoff.studio.timeline.tasks import VideoSuggestion, event_regions, push_suggestions

    services, suggestions = videos.services, []
    for task in list_tasks(services.studio, videos.project_id):
        found = video_frames(services.storage, task.data["video_id"])
        spotted = load_video_predictions(services.storage, task.data["video_id"])
        regions = event_regions(videos.interface, spotted, found.clock_s)
        suggestions.append(VideoSuggestion(task.id, regions, spotted.score))
    pushed = push_suggestions(services.studio, videos.project_id, suggestions, version)
    assert push_suggestions(services.studio, videos.project_id, suggestions, version) == 0
    activate_version(services.studio, videos.project_id, version)
    return pushed


def test_before_a_model_videos_have_the_rules_suggestions(videos):
    """They are named as rules, and the annotator can begin."""
    videos.add(1)
    done = publish_timeline(videos.services, videos.project_id, "new frames")
    assert (published_version(done.published), done.pool, done.pushed) == (RULES, 1, 1)


def test_a_new_champion_has_the_videos_filled_in_anew(videos):
    """Training, promoting and rolling back ask for it, as in every connected project."""
    waiting = videos.services.queue.jobs.rq_queue("fast")
    assert waiting.count == 0
    request_publishes(videos.services, "resnet18-v2-abcdef promoted")
    [job] = waiting.jobs
    assert job.kwargs == {"project_id": videos.project_id, "reason": "resnet18-v2-abcdef promoted"}


def test_folders_of_pictures_are_not_imported_into_a_project_of_videos(videos, tmp_path):
    """In one sentence, before anything is made."""
    (tmp_path / "push_off").mkdir()
    with (
        mock.patch.dict(os.environ, videos.environment, clear=True),
        pytest.raises(BadInput, match="labels whole videos"),
    ):
        import_(tmp_path, videos.project_id)


def test_one_span_labels_every_frame_in_it(videos):
    """First and last frame included, with time, box and picture of the video's own frames."""
    session, _ = videos.add(1)
    videos.answer(session, Span(10, 12, Label.PUSH_OFF), videos.no_push_off(30, 30))
    labels, [video] = exported(videos)
    said = {one.frame_index: one.label for one in labels.frames}
    assert said == dict.fromkeys((10, 11, 12), Label.PUSH_OFF) | {30: Label.NOT_PUSH_OFF}
    assert (video.push_offs, video.complete) == ((12,), False)
    one = labels.frames[0]
    found = video_frames(videos.services.storage, session.video_id)
    assert (one.time_s, one.box) == (found.times_s[10], found.boxes[10])
    assert (one.split_group, one.video_id, one.footage) == ("ada", session.video_id, "synthetic")
    write_labelled(videos.services.storage, labels.frames)
    assert videos.services.storage.exists(media_key(session.video_id, 10))
    assert videos.services.fetcher.fetch(one.image, one.task_id).startswith(b"\xff\xd8\xff")


def test_a_video_ticked_as_complete_teaches_what_shows_no_push_off(videos):
    """All the rest of the video, except for the ambiguous frames next to a push-off."""
    session, truth = videos.add(1)
    videos.mark(session, *truth.push_off_frames, complete=True)
    labels, [video] = exported(videos)
    assert (video.push_offs, video.complete) == (truth.push_off_frames, True)
    said = {one.frame_index: one.label for one in labels.frames}
    first = truth.push_off_frames[0]
    assert said[first] is Label.PUSH_OFF
    assert first - 1 not in video.labels  # 17 ms before, a foot still loads
    assert said[first + 1] is said[first - 3] is Label.NOT_PUSH_OFF
    assert len(labels.frames) <= len(video.labels) < truth.frames  # undecidable ones are in neither


def test_the_count_of_labels_is_the_count_of_spans(videos):
    """Marked, changed and deleted spans change the count that decides about a retrain."""
    studio, project_id = videos.services.studio, videos.project_id
    session, _ = videos.add(1)
    assert label_count(studio, project_id) == 0
    made = videos.mark(session, 10, 20, 30, complete=True)
    assert label_count(studio, project_id) == 3
    studio.patch(f"/api/annotations/{made['id']}/", {"result": made["result"][:2]})
    assert label_count(studio, project_id) == 2
    studio.delete(f"/api/annotations/{made['id']}/")
    assert label_count(studio, project_id) == 0


def test_the_doctor_finds_nothing_wrong_with_a_project_of_videos(videos):
    """The checks know label config, preview and model of a video project."""
    videos.add(1)
    found = {one.connection: one for one in findings(videos.services, videos.project_id)}
    assert "span" in found["label config"].detail
    assert "video/mp4" in found["media"].detail
    assert all(found[link].ok for link in ("label config", "media", "champion loads"))
