"""What a coach corrects becomes spans on the video's task, and nobody else's words are touched."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pushoff.coach.corrections import Correction, record_correction, undo_last
from pushoff.coach.deletion import soft_delete
from pushoff.coach.session_files import load_analysis
from pushoff.services import Services
from pushoff.storage.videos import load_video
from pushoff.studio.tasks import video_tasks
from pushoff.studio.timeline.spans import Span, spans_in
from pushoff.values import Label
from pushoff.workflows.delete_session import delete_session
from pushoff.workflows.sync_corrections import sync_corrections
from tests.integration.coach_videos import account, ready, video
from tests.integration.video_rig import VideoProject, video_project
from tests.integration.workflows.steps.test_publish_timeline import exported


@pytest.fixture(scope="module")
def rendered(tmp_path_factory) -> Path:
    """A folder of rendered drills."""
    return tmp_path_factory.mktemp("videos")


@pytest.fixture
def videos(tmp_path, rendered, redis_url, label_studio, tiny) -> Iterator[VideoProject]:
    """A new project of whole videos."""
    with video_project(tmp_path, rendered, redis_url, label_studio, tiny) as made:
        yield made


def correct(services: Services, session, *corrections: Correction) -> None:
    for one in corrections:
        record_correction(services.database, session.session_id, account(services), one)


def annotations(videos: VideoProject, session) -> list[dict]:
    [task] = video_tasks(videos.services.studio, videos.project_id, session.video_id)
    return task["annotations"]


def spans(videos: VideoProject, session) -> list[Span]:
    return [one for a in annotations(videos, session) for one in spans_in(a, videos.interface)]


def test_corrections_are_one_annotation_with_spans_and_an_undo_takes_it_away(videos):
    """Who and when stand beside each span; corrected again it is made anew, never doubled."""
    services = videos.services
    session = ready(services, video(videos.folder, 1), "Ada")
    correct(services, session, Correction("add", 20))
    done = sync_corrections(services, session.session_id)
    assert (done.annotations_created, done.annotations_deleted) == (1, 0)
    said = [(one.first, one.last, one.label) for one in spans(videos, session)]
    assert (20, 20, Label.PUSH_OFF) in said  # at 60/s the 12.5 ms are one frame
    [one] = annotations(videos, session)
    [text] = one["result"][0]["meta"]["text"]
    assert "carla" in text and session.session_id in text
    again = sync_corrections(services, session.session_id)
    assert (again.annotations_created, again.annotations_deleted) == (0, 0)
    assert [a["id"] for a in annotations(videos, session)] == [one["id"]]

    correct(services, session, Correction("add", 50))
    changed = sync_corrections(services, session.session_id)
    assert (changed.annotations_created, changed.annotations_deleted) == (1, 1)
    push_offs = [one.last for one in spans(videos, session) if one.label is Label.PUSH_OFF]
    assert push_offs == [20, 50]
    for _ in range(2):
        undo_last(services.database, session.session_id, account(services))
    assert sync_corrections(services, session.session_id).labels == 0
    assert annotations(videos, session) == []


def test_corrections_are_in_the_next_export_beside_what_annotators_say(videos):
    """The coach's corrections do not replace the annotator's labels of the same account."""
    services = videos.services
    session = ready(services, video(videos.folder, 1), "Ada")
    videos.ingest(load_video(services.storage, session.video_id))
    event, *_ = load_analysis(services.storage, session.session_id).events
    theirs = videos.mark(load_video(services.storage, session.video_id), event.frame)
    correct(services, session, Correction("add", 20))
    sync_corrections(services, session.session_id)
    labels, [labelled] = exported(videos)
    assert {20, event.frame} <= set(labelled.push_offs)
    assert "replaced" not in labels.excluded
    undo_last(services.database, session.session_id, account(services))
    sync_corrections(services, session.session_id)
    assert [a["id"] for a in annotations(videos, session)] == [theirs["id"]]


def test_what_somebody_edited_in_label_studio_is_theirs(videos):
    """A coach's annotation that was changed there outlives the undo."""
    services = videos.services
    session = ready(services, video(videos.folder, 1), "Ada")
    correct(services, session, Correction("add", 20))
    sync_corrections(services, session.session_id)
    [ours] = annotations(videos, session)
    services.studio.patch(
        f"/api/annotations/{ours['id']}/", {"result": ours["result"][:1], "lead_time": 3.0}
    )
    undo_last(services.database, session.session_id, account(services))
    sync_corrections(services, session.session_id)
    assert [a["id"] for a in annotations(videos, session)] == [ours["id"]]


def test_a_shared_video_loses_only_what_the_deleted_session_said(videos):
    """And once the last session of the video is deleted, its task goes with everything on it."""
    services = videos.services
    first, second = (ready(services, video(videos.folder, 1), "Ada") for _ in range(2))
    correct(services, first, Correction("add", 20))
    correct(services, second, Correction("add", 50))
    for one in (first, second):
        sync_corrections(services, one.session_id)
    soft_delete(services.database, first.session_id)
    assert delete_session(services, first.session_id).video_kept
    push_offs = [one.last for one in spans(videos, second) if one.label is Label.PUSH_OFF]
    assert push_offs == [50]
    soft_delete(services.database, second.session_id)
    delete_session(services, second.session_id)
    assert video_tasks(services.studio, videos.project_id, second.video_id) == []
    assert services.storage.list(f"media/{second.video_id}") == []
