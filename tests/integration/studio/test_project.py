"""Making, repairing and checking projects in the real Label Studio."""

import base64
import dataclasses
import re
from html import unescape

import httpx
import pytest

from pushoff.errors import BadInput, LabelConfigWrong, StudioRefused
from pushoff.studio.client import connect
from pushoff.studio.connections import connected_projects
from pushoff.studio.project import (
    connection_state,
    create_project,
    label_count,
    project_label_config,
)
from pushoff.studio.storage_connection import S3Access
from pushoff.studio.tasks import create_tasks, list_tasks
from tests.integration.label_studio import start_label_studio
from tests.integration.studio_rig import (
    PASSWORD,
    SECRET,
    USER,
    drafts,
    picture,
    plan,
    tiny_backend,
)
from tests.unit.studio.serving import serve


def hooks(studio, project_id):
    return [one for one in studio.get("/api/webhooks/") if one["project"] == project_id]


def test_a_project_is_made_whole(studio, tiny, storage):
    """Own webhook only, Basic auth on every call, storage, model in use, tasks in order."""
    ours = plan(tiny, storage.url, foot=True)
    report = create_project(studio, ours)
    assert report.created
    basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    assert {"/health", "/setup"} == {one.path for one in tiny.seen}
    assert {basic} == {one.headers.get("Authorization") for one in tiny.seen}
    [hook] = hooks(studio, report.project_id)
    assert f"{tiny.url}/webhook" == hook["url"]
    assert {"X-Webhook-Secret": SECRET} == hook["headers"]
    project = studio.get(f"/api/projects/{report.project_id}")
    assert ("Sequential sampling", "pushoff") == (project["sampling"], project["model_version"])
    assert 'name="foot"' in project["label_config"]
    assert [] == connection_state(studio, report.project_id, tiny.url).problems
    assert [report.project_id] == connected_projects(studio, tiny.url)


def test_again_is_the_same_project_and_changes_nothing(studio, tiny, storage):
    """Idempotent: nothing is made twice, nothing is reported as repaired."""
    ours = plan(tiny, storage.url)
    first = create_project(studio, ours)
    again = create_project(studio, ours)
    assert (first.project_id, False, []) == (again.project_id, again.created, again.repaired)
    assert 1 == len(hooks(studio, first.project_id))
    assert 1 == len(studio.get("/api/ml", project=first.project_id))
    assert 1 == len(studio.get("/api/storages/localfiles", project=first.project_id))


def test_annotators_read_the_definition_first(studio, label_studio, tiny, storage):
    """With two pictures that Label Studio serves to them; what a person wrote is left alone."""
    ours = plan(tiny, storage.url)
    project_id = create_project(studio, ours).project_id
    project = studio.get(f"/api/projects/{project_id}")
    assert project["show_instruction"]
    addresses = re.findall(r'<img src="([^"]+)"', project["expert_instruction"])
    assert len(addresses) == 2
    for address in addresses:
        served = httpx.get(label_studio.url + unescape(address), headers=label_studio.headers)
        assert served.content.startswith(b"\xff\xd8\xff"), served
    studio.patch(f"/api/projects/{project_id}", {"expert_instruction": "Ask Ada."})
    assert create_project(studio, ours).repaired == []
    assert studio.get(f"/api/projects/{project_id}")["expert_instruction"] == "Ask Ada."


def test_uploads_and_tasks_without_a_strip_are_welcome(studio, label_studio, project_id):
    """The strip is shown where there is one; nobody has to have one."""
    upload = httpx.post(
        f"{label_studio.url}/api/projects/{project_id}/import",
        headers=label_studio.headers,
        files={"file": ("jump_1.png", picture(), "image/png")},
    )
    assert upload.status_code == 201, upload.text
    studio.post(f"/api/projects/{project_id}/import", [{"data": {"image": "/data/upload/1/x.jpg"}}])
    create_tasks(studio, project_id, [dataclasses.replace(drafts(1)[0], strip="/strip.jpg")])
    data = [task.data for task in list_tasks(studio, project_id)]
    assert ["strip" in one for one in data] == [False, False, True]


def test_events_arrive_with_the_secret_and_once(studio, tiny, project_id):
    """Label Studio's own webhook without credentials never comes into being."""
    studio.post(f"/api/projects/{project_id}/import", [{"data": {"image": "/data/upload/1/x.jpg"}}])
    events = [one for one in tiny.seen if one.path == "/webhook"]
    assert [SECRET] == [one.headers.get("X-Webhook-Secret") for one in events]
    assert b"TASKS_CREATED" in events[0].body


def test_a_half_connected_project_is_repaired(studio, tiny, storage):
    """Connected by hand without Basic auth: wrong webhook, no model in use, no storage."""
    ours = plan(tiny, storage.url)
    project_id = studio.post(
        "/api/projects", {"title": ours.title, "label_config": "<View></View>"}
    )["id"]
    studio.post("/api/ml", {"project": project_id, "url": tiny.url, "title": "by hand"})
    studio.patch(f"/api/projects/{project_id}", {"model_version": ""})
    assert connection_state(studio, project_id, tiny.url).problems

    report = create_project(studio, ours)

    assert (project_id, False) == (report.project_id, report.created)
    assert 6 == len(report.repaired), report.repaired
    [hook] = hooks(studio, project_id)
    assert {"X-Webhook-Secret": SECRET} == hook["headers"]
    [backend] = studio.get("/api/ml", project=project_id)
    assert ("BASIC_AUTH", USER) == (backend["auth_method"], backend["basic_auth_user"])
    assert "pushoff" == studio.get(f"/api/projects/{project_id}")["model_version"]
    assert [] == create_project(studio, ours).repaired


def test_secrets_can_be_changed(studio, tiny, storage):
    """A new webhook secret and password replace the old ones."""
    ours = plan(tiny, storage.url)
    first = create_project(studio, ours)
    changed = dataclasses.replace(ours, webhook_secret="new", backend_password="new-password")
    tiny.seen.clear()
    create_project(studio, changed)
    assert [{"X-Webhook-Secret": "new"}] == [
        one["headers"] for one in hooks(studio, first.project_id)
    ]
    sent = base64.b64encode(f"{USER}:new-password".encode()).decode()
    assert f"Basic {sent}" == tiny.seen[-1].headers["Authorization"]


def test_labels_under_a_foreign_config_are_never_overwritten(studio, tiny, storage):
    """A project labelled for something else is refused, not rebuilt."""
    ours = plan(tiny, storage.url)
    other = (
        '<View><Image name="i" value="$image"/><Choices name="c" toName="i">'
        '<Choice value="cat"/><Choice value="dog"/></Choices></View>'
    )
    project_id = studio.post("/api/projects", {"title": ours.title, "label_config": other})["id"]
    region = {"from_name": "c", "to_name": "i", "type": "choices", "value": {"choices": ["cat"]}}
    task = {"data": {"image": "/x.jpg"}, "annotations": [{"result": [region]}]}
    studio.post(f"/api/projects/{project_id}/import", [task])
    with pytest.raises(LabelConfigWrong, match="Labeling Interface"):
        create_project(studio, ours)
    assert "cat" in project_label_config(studio, project_id)
    assert 1 == label_count(studio, project_id)


@pytest.mark.parametrize("title", ["ab", "x" * 51, "   "])
def test_a_bad_title_is_refused_before_anything_happens(studio, tiny, title):
    """The message says how long a title may be."""
    with pytest.raises(BadInput, match="3 to 50"):
        create_project(studio, plan(tiny, title=title))


def test_a_backend_name_label_studio_does_not_take_is_refused_first(studio, tiny):
    """A container's bare name gets one sentence with the remedy, and no half-made project."""
    with pytest.raises(BadInput, match=r"PUSHOFF_BACKEND_URL.*backend\.internal"):
        create_project(studio, plan(tiny, backend_url="http://backend:9090", title="Bare name"))
    projects = studio.get("/api/projects", title="Bare name")
    assert projects["results"] == []


def test_a_backend_that_is_not_there_is_named(studio, storage):
    """The message has Label Studio's own text and the address."""
    with tiny_backend() as gone:
        pass
    with pytest.raises(StudioRefused, match="health check failed"):
        create_project(studio, plan(gone, storage.url))


def test_a_wrong_backend_password_is_named(studio, storage):
    """Our backend's 401 comes back through Label Studio."""
    with tiny_backend(status=401) as strict:
        with pytest.raises(StudioRefused, match="authentication parameters"):
            create_project(studio, plan(strict, storage.url))


def test_a_folder_label_studio_may_not_serve_is_named(studio, tiny, tmp_path):
    """The sentence names the variables of Label Studio and our setting."""
    with pytest.raises(StudioRefused) as refused:
        create_project(studio, plan(tiny, tmp_path))
    assert f"LOCAL_FILES_DOCUMENT_ROOT={tmp_path}" in str(refused.value)
    assert "PUSHOFF_LABEL_STUDIO_MEDIA_ROOT" in str(refused.value)


def test_a_bucket_nobody_gave_the_keys_to_is_named(studio, tiny):
    """S3 storage is asked for with bucket and prefix; Label Studio's refusal gets our sentence."""
    with serve(lambda seen: _no_such_bucket()) as s3:
        access = S3Access(s3.url, "eu-central-1", "key", "secret")
        with pytest.raises(StudioRefused, match="cannot read the bucket frames") as refused:
            create_project(studio, plan(tiny, "s3://frames/pushoff", s3=access))
        assert any("/frames" in one.path for one in s3.seen)
    assert "AWS_SECRET_ACCESS_KEY" in str(refused.value)


def test_label_studios_default_protection_gets_the_exact_remedy(tmp_path):
    """Without the two settings nothing is half connected, and the lines to set are printed."""
    protected = {"USE_DEFAULT_BANNED_SUBNETS": "true", "USER_ADDITIONAL_BANNED_SUBNETS": ""}
    files = tmp_path / "files"
    with (
        tiny_backend() as backend,
        start_label_studio(tmp_path / "data", files, environment=protected) as server,
    ):
        studio = connect(server.url, server.pat())
        with pytest.raises(StudioRefused) as refused:
            create_project(studio, plan(backend, files))
        assert "\n  USE_DEFAULT_BANNED_SUBNETS=false\n" in str(refused.value)
        assert "\n  USER_ADDITIONAL_BANNED_SUBNETS=169.254.0.0/16\n" in str(refused.value)
        assert [] == studio.get("/api/webhooks/")
        assert [] == backend.seen
        studio.close()


def _no_such_bucket():
    from tests.unit.studio.serving import Answer

    body = b"<?xml version='1.0'?><Error><Code>NoSuchBucket</Code><Message>none</Message></Error>"
    return Answer(body, 404, {"Content-Type": "application/xml"})
