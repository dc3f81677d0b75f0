"""What follows the head of a long queue."""

import time

import pytest

from pushoff.storage.publications import mark_unfinished, save_publication, unfinished_projects
from pushoff.workflows.publish_rest import REST_AFTER_S, publish_rest, request_rests
from pushoff.workflows.steps.push_queue import AT_ONCE
from tests.unit.studio.prediction_studio import PROJECT, PredictionStudio
from tests.unit.workflows.long_queue import publication, services_of

NAME = "v1.abcdef"
HEAD = 200


@pytest.fixture
def studio():
    """Its annotators have the head of a queue."""
    studio = PredictionStudio(list(range(1, AT_ONCE + 301)))
    studio.push(NAME, *studio.tasks[:HEAD])
    studio.project["model_version"] = NAME
    return studio


@pytest.fixture
def services(studio, redis_url, tmp_path):
    with services_of(studio, redis_url, tmp_path) as opened:
        save_publication(opened.storage, PROJECT, publication(NAME, studio.tasks))
        mark_unfinished(opened.storage, PROJECT, NAME, time.time())
        yield opened


def waiting(services):
    return [job.kwargs for job in services.queue.jobs.rq_queue("fast").jobs]


def test_the_rest_is_pushed_in_parts(studio, services):
    """Each part requests the next one, so that other jobs get in between."""
    part = publish_rest(services, PROJECT, "test")
    assert (part.published, part.pushed, part.to_follow) == (NAME, AT_ONCE, 100)
    assert waiting(services) == [{"project_id": PROJECT, "reason": "test"}]
    last = publish_rest(services, PROJECT, "test")
    assert (last.pushed, last.to_follow) == (100, 0)
    assert studio.tasks_of(NAME) == studio.tasks
    assert unfinished_projects(services.storage, time.time() + 1) == []
    assert publish_rest(services, PROJECT, "again").pushed == 0


def test_nothing_is_pushed_of_an_order_that_was_replaced(studio, services):
    """What annotators see decides."""
    studio.project["model_version"] = "v2.fedcba"
    part = publish_rest(services, PROJECT, "test")
    assert (part.published, part.pushed, part.to_follow) == ("v2.fedcba", 0, 0)
    assert studio.tasks_of(NAME) == studio.tasks[:HEAD]


def test_the_rest_waits_until_annotators_have_paused(services):
    """While a new order comes every minute, its rest would be replaced before it is seen."""
    assert request_rests(services) == []
    mark_unfinished(services.storage, PROJECT, NAME, time.time() - REST_AFTER_S - 1)
    assert request_rests(services) == [PROJECT]
    assert request_rests(services) == [PROJECT]
    assert len(waiting(services)) == 1
