"""Refits on the real parts: a version in seconds, and a queue that is really ours."""

import json

import pytest

from pushoff.services import Services
from pushoff.storage.publications import Publication, load_publication
from pushoff.studio.predictions import choice_region
from pushoff.values import Label
from pushoff.workflows.results import RefitResult, read_result
from tests.integration.loop import Loop
from tests.integration.workflows.test_retrain import champion, project_of, promoted

pytestmark = pytest.mark.timeout(900)


def refitted(loop: Loop) -> RefitResult:
    queue = loop.services.queue
    status = queue.jobs.wait(queue.request.refit(loop.project_id, reason="test"), timeout_s=200)
    assert status.state == "finished", status
    return read_result(RefitResult, status.result)


def shown(loop: Loop) -> Publication:
    """The publication Label Studio orders its queue by."""
    name = str(project_of(loop)["model_version"])
    found = load_publication(loop.services.storage, loop.project_id, name)
    assert found is not None, name
    return found


def data_manager(services: Services, project_id: int) -> list[int]:
    """Ids of open tasks as the Data Manager sorts them by prediction score."""
    items = [
        {
            "filter": "filter:tasks:total_annotations",
            "operator": "equal",
            "type": "Number",
            "value": 0,
        }
    ]
    query = {
        "ordering": ["tasks:predictions_score"],
        "filters": {"conjunction": "and", "items": items},
    }
    page = services.studio.get(
        "/api/tasks", project=project_id, page=1, page_size=500, query=json.dumps(query)
    )
    return [task["id"] for task in page["tasks"] if task["predictions_score"] is not None]


def label_next(loop: Loop) -> int:
    """Label what "Label All Tasks" serves, as the editor does; its task."""
    studio = loop.services.studio
    task = studio.get(f"/api/projects/{loop.project_id}/next")
    region = choice_region(loop.services.interface(loop.project_id), Label.NOT_PUSH_OFF)
    body = {"result": [region], "lead_time": 1.0, "parent_prediction": task["predictions"][0]["id"]}
    studio.post(f"/api/tasks/{task['id']}/annotations/", body)
    return int(task["id"])


def test_a_refit_is_a_version_like_any_other(loop: Loop) -> None:
    """It is registered with its dataset and card, scored on held-out sessions, and decided."""
    before = promoted(loop)
    label_next(loop)
    result = refitted(loop)
    outcome = result.outcome
    assert outcome.version, outcome
    model = loop.services.registry.get(outcome.version)
    assert model.backbone_of == before and model.scorecard is not None
    rendered = all(group.startswith("athlete-") for group in model.scorecard.groups)
    assert model.scorecard.groups and rendered == (model.scorecard.footage == "synthetic")
    assert champion(loop) == (outcome.version if outcome.promoted else before)
    assert result.publication.published == project_of(loop)["model_version"]
    described = loop.services.storage.list("frame-features")
    alone = [key for key in described if "/images/" in key and "/images/0-" not in key]
    assert alone == []  # every frame of a video is known with its neighbours


def test_the_same_labels_give_the_same_version(loop: Loop) -> None:
    """A refit that is run twice, say because its worker was killed, leaves one version."""
    promoted(loop)
    refitted(loop)
    second = refitted(loop)  # of the champion's backbone, whichever that is now
    count = len(loop.services.registry.versions())
    third = refitted(loop)
    assert len(loop.services.registry.versions()) == count
    assert (
        second.publication.published
        == third.publication.published
        == project_of(loop)["model_version"]
    )


def test_the_queue_is_served_in_the_strategys_order_while_labels_arrive(loop: Loop) -> None:
    """Labelling stream and Data Manager follow the published order, labels coming in between."""
    promoted(loop)
    label_next(loop)  # a task once served stays locked for its annotator and comes first
    refitted(loop)
    places = sorted(shown(loop).places.values(), key=lambda one: one.score)
    wanted = [one.task_id for one in places]
    assert data_manager(loop.services, loop.project_id) == wanted
    for place in range(6):
        assert label_next(loop) == wanted[place]
        assert data_manager(loop.services, loop.project_id) == wanted[place + 1 :]


def test_new_labels_make_a_new_order(loop: Loop) -> None:
    """After labels and a refit the queue holds what is left, each task once, with a reason."""
    promoted(loop)
    labelled = label_next(loop)
    publication = refitted(loop).publication
    places = shown(loop).places
    assert labelled not in places and len(places) == publication.pool - publication.unreadable
    assert len({one.score for one in places.values()}) == len(places)
    assert all(one.reason.endswith(".") for one in places.values())


def test_a_refit_is_rolled_back_like_any_other(loop: Loop) -> None:
    """After a rollback registry and queue speak for the earlier champion again."""
    before = promoted(loop)
    label_next(loop)
    version = refitted(loop).outcome.version
    assert version
    registry, queue = loop.services.registry, loop.services.queue
    if champion(loop) == before:
        registry.promote(version, reason="test", expected=before)
    registry.rollback()
    queue.jobs.wait(queue.request.publish(loop.project_id, reason="rolled back"), timeout_s=200)
    assert champion(loop) == before
    assert shown(loop).version == before
