"""Video, frames, labels, retrain, promote, publish, roll back: all on the real parts."""

from typing import Any

import httpx
import pytest

from pushoff.active.label_quality.assessment import to_sentences
from pushoff.services import Services
from pushoff.storage.assessments import load_assessment
from pushoff.storage.datasets import newest_dataset
from pushoff.storage.ingested_videos import load_ingest
from pushoff.storage.publications import published_version
from pushoff.storage.videos import media_key
from pushoff.studio.predictions import choice_region
from pushoff.studio.tasks import list_tasks
from pushoff.values import Exercise, Label
from pushoff.workflows.steps.suggestion_line import BLIND_REASON
from sdk_scripts.create_project import ensure_project
from sdk_scripts.doctor import findings
from sdk_scripts.video import store_and_ingest
from tests.integration.loop import Loop, settings_of, until

pytestmark = pytest.mark.timeout(900)


def project_of(loop: Loop) -> dict[str, Any]:
    return loop.services.studio.get(f"/api/projects/{loop.project_id}")


def served(loop: Loop) -> str:
    """The version whose publication Label Studio orders its queue by."""
    return published_version(str(project_of(loop)["model_version"]))


def champion(loop: Loop) -> str:
    found = loop.services.registry.champion()
    assert found is not None
    return found.version


def test_a_video_becomes_tasks_with_all_that_is_known_of_each_frame(loop: Loop) -> None:
    """Each task carries image, session, athlete, exercise, frame index, time and box."""
    for found in loop.ingests:
        assert found.tasks_created == 60
        assert found.decoded_frames == found.declared_frames
    page = loop.services.studio.get("/api/tasks", project=loop.project_id, page_size=1)
    data = page["tasks"][0]["data"]
    names = {"image", "video_id", "athlete", "exercise", "frame_index", "time_s", "box"}
    assert names <= set(data)


def test_the_same_video_twice_adds_nothing(loop: Loop) -> None:
    """Ingesting a file again creates no task and no second session."""
    _, found = store_and_ingest(
        loop.services,
        loop.videos[0],
        athlete="athlete-1",
        exercise=Exercise.HOPS,
        capture_fps=240,
        footage="synthetic",
        project_id=loop.project_id,
    )
    assert (found.tasks_created, found.tasks_already_there) == (0, 60)
    assert project_of(loop)["task_number"] == 120


def test_labels_brought_a_retrain_through_the_webhook(loop: Loop) -> None:
    """The run that the webhook started trained, compared on a held-out athlete and decided."""
    outcome = loop.retrain.outcome
    assert outcome.comparison, outcome
    assert loop.retrain.reason == "70 new labels"
    assert outcome.comparison.held_out_groups == 1
    assert outcome.comparison.footage == "synthetic"
    versions = [model.version for model in loop.services.registry.versions()]
    assert outcome.version in versions


def test_a_worker_looks_at_the_labels(loop: Loop) -> None:
    """Asked through the queue, the job keeps an assessment of the labels there are."""
    queue = loop.services.queue
    job_id = queue.request.assess_labels(loop.project_id, reason="test")
    status = queue.jobs.wait(job_id, timeout_s=200)
    assert status.state == "finished", status
    found = load_assessment(loop.services.storage, loop.project_id)
    assert (status.result["labels"], "synthetic") == (found.labels, found.footage)
    assert 0 < found.push_offs < found.labels <= project_of(loop)["total_annotations_number"]
    assert dict(to_sentences(found))["enough labels?"]


def promoted(loop: Loop) -> str:
    """A champion, by hand where the tiny model was too weak to become one by itself."""
    registry = loop.services.registry
    if registry.champion() is None:
        registry.promote(loop.retrain.outcome.version, reason="test", expected=None)
    loop.services.queue.jobs.wait(
        loop.services.queue.request.publish(loop.project_id, reason="test"), timeout_s=200
    )
    return champion(loop)


def test_every_unlabelled_frame_has_the_champions_suggestion(loop: Loop) -> None:
    """After publishing, Label Studio serves the champion's version and has it on open tasks."""
    version = promoted(loop)
    assert served(loop) == version
    task = loop.services.studio.get(f"/api/projects/{loop.project_id}/next")
    suggestion = next(
        one for one in task["predictions"] if published_version(one["model_version"]) == version
    )
    said = {one["type"]: one["value"] for one in suggestion["result"]}
    line = said["textarea"]["text"][-1]  # news may stand above it
    assert line.endswith(".")
    if line != BLIND_REASON:
        assert said["choices"]["choices"][0] in {label.choice for label in Label}
    assert 0 <= suggestion["score"] <= 1


def test_the_backend_serves_the_champion_to_a_frame_without_metadata(loop: Loop) -> None:
    """A frame uploaded by hand is answered with the champion's version, like any other."""
    version = promoted(loop)
    page = loop.services.studio.get("/api/tasks", project=loop.project_id, page_size=1)
    task = page["tasks"][0]
    env = loop.stack.env
    body = {
        "tasks": [{"id": task["id"], "data": {"image": task["data"]["image"]}}],
        "project": f"{loop.project_id}.1",
        "label_config": project_of(loop)["label_config"],
    }
    answer = until(
        lambda: [
            one
            for one in httpx.post(
                f"{env['PUSHOFF_BACKEND_URL']}/predict",
                json=body,
                auth=("label-studio", env["PUSHOFF_BACKEND_PASSWORD"]),
                timeout=60,
            ).json()["results"]
            if one.get("model_version") == version
        ],
        30,
    )
    assert answer[0]["result"][0]["type"] == "choices"


def upload(loop: Loop, name: str, data: bytes) -> int:
    """Put one file into the project as a person would; returns the new task's number."""
    known = {task.id for task in list_tasks(loop.services.studio, loop.project_id)}
    httpx.post(
        f"{loop.stack.label_studio_url}/api/projects/{loop.project_id}/import",
        files={"file": (name, data, "image/jpeg")},
        headers={"Authorization": loop.services.studio.authorization()},
        timeout=30,
    ).raise_for_status()
    tasks = list_tasks(loop.services.studio, loop.project_id)
    return next(task.id for task in tasks if task.id not in known)


def test_a_frame_uploaded_by_hand_gets_a_suggestion_by_itself(loop: Loop) -> None:
    """Somebody drags a picture into Label Studio; a moment later the champion has answered."""
    version = promoted(loop)
    services, studio = loop.services, loop.services.studio
    frame = services.storage.read(media_key(loop.sessions[0], _some_index(loop)))
    task_id = upload(loop, "phone_0001.jpg", frame)
    suggestions = until(lambda: studio.get(f"/api/tasks/{task_id}")["predictions"], 90)
    assert version in {published_version(one["model_version"]) for one in suggestions}
    unreadable = upload(loop, "phone_0002.jpg", b"this is no picture")
    services.queue.jobs.wait(services.queue.request.publish(loop.project_id, "test"), timeout_s=200)
    assert studio.get(f"/api/tasks/{unreadable}")["predictions"] == []
    region = choice_region(services.interface(loop.project_id), Label.NOT_PUSH_OFF)
    for one in (task_id, unreadable):
        body = {"result": [region], "lead_time": 1.0}
        studio.post(f"/api/tasks/{one}/annotations/", body)
    request = services.queue.retrain.request(loop.project_id, "test")
    assert services.queue.jobs.wait(request.job_id, timeout_s=300).state == "finished"
    learnt = newest_dataset(services.storage)
    assert learnt is not None
    by_task = {frame["task_id"]: frame for frame in learnt["frames"]}
    assert by_task[task_id]["split_group"] == "phone"
    assert unreadable not in by_task


def _some_index(loop: Loop) -> int:
    ingested = load_ingest(loop.services.storage, loop.sessions[0])
    assert ingested is not None
    return ingested.chosen_frames[0]


def test_a_lost_webhook_is_made_up_for(loop: Loop) -> None:
    """Labels that no webhook told of still bring a retrain within a minute."""
    services, studio = loop.services, loop.services.studio
    until(lambda: services.queue.retrain.running_job(loop.project_id) is None, 200)
    hook = studio.get("/api/webhooks/", project=loop.project_id)[0]
    studio.patch(f"/api/webhooks/{hook['id']}/", {"is_active": False})
    try:
        interface = services.interface(loop.project_id)
        region = choice_region(interface, Label.NOT_PUSH_OFF)
        ids = [
            task["id"]
            for task in studio.get("/api/tasks", project=loop.project_id, page_size=200)["tasks"]
        ]
        for task_id in ids[:72]:
            body = {"result": [region], "lead_time": 1.0}
            studio.post(f"/api/tasks/{task_id}/annotations/", body)
        job_id = until(lambda: services.queue.retrain.running_job(loop.project_id), 75)
        assert services.queue.jobs.wait(job_id, timeout_s=300).state == "finished"
    finally:
        studio.patch(f"/api/webhooks/{hook['id']}/", {"is_active": True})


def test_rolling_back_points_label_studio_back_too(loop: Loop) -> None:
    """After a rollback registry, backend and Label Studio speak for the earlier champion."""
    first = promoted(loop)
    registry, queue = loop.services.registry, loop.services.queue
    other = next((m.version for m in registry.versions() if m.version != first), None)
    if other is None:
        pytest.fail("the retrain of the lost webhook left no second version")
    registry.promote(other, reason="test", expected=first)
    queue.jobs.wait(queue.request.publish(loop.project_id, reason="test"), timeout_s=200)
    assert served(loop) == other
    registry.rollback()
    queue.jobs.wait(queue.request.publish(loop.project_id, reason="rolled back"), timeout_s=200)
    assert champion(loop) == first
    assert served(loop) == first


def test_the_doctor_finds_every_link_sound(loop: Loop) -> None:
    """On a healthy service each link holds."""
    found = list(findings(loop.services, loop.project_id))
    assert [one for one in found if not one.ok] == []
    links = {"redis", "worker", "scheduler", "media", "champion loads", "pose model opens"}
    assert links <= {finding.connection for finding in found}


@pytest.mark.parametrize(
    ("setting", "value", "link", "named"),
    [
        ("label_studio_token", "0" * 40, "token", "PUSHOFF_LABEL_STUDIO_TOKEN"),
        ("webhook_secret", "wrong-but-not-empty", "webhook secret", "PUSHOFF_WEBHOOK_SECRET"),
        (
            "backend_password",
            "wrong-but-not-empty",
            "this host -> backend",
            "PUSHOFF_BACKEND_PASSWORD",
        ),
        ("redis_url", "redis://127.0.0.1:1/0", "redis", "PUSHOFF_REDIS_URL"),
        ("label_studio_url", "http://127.0.0.1:1", "token", "PUSHOFF_LABEL_STUDIO_URL"),
    ],
)
def test_the_doctor_names_the_setting(
    loop: Loop, setting: str, value: str, link: str, named: str
) -> None:
    """Each broken link comes with the setting to change."""
    broken = Services(settings_of(loop.stack, **{setting: value}))
    found = {one.connection: one for one in findings(broken, loop.project_id)}
    assert not found[link].ok
    assert named in found[link].remedy


def test_a_moved_backend_is_followed(loop: Loop) -> None:
    """A project whose backend got another port is repaired, not connected twice."""
    studio = loop.services.studio
    port = loop.stack.env["PUSHOFF_BACKEND_PORT"]
    elsewhere = settings_of(loop.stack, backend_url=f"http://localhost:{port}")
    for services in (Services(elsewhere), loop.services):
        report = ensure_project(services, "The whole loop")
        assert (report.project_id, report.created) == (loop.project_id, False)
        backends = studio.get("/api/ml", project=loop.project_id)
        hooks = studio.get("/api/webhooks/", project=loop.project_id)
        url = services.settings.backend_url
        assert [one["url"] for one in backends] == [url]
        assert [one["url"] for one in hooks] == [f"{url}/webhook"]
