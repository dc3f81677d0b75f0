"""The head of a queue at once, the rest of a long one later."""

import time

import pytest

from pushoff.storage.publications import COLD, load_publication, unfinished_projects
from pushoff.studio.config.frames import build_label_config
from pushoff.studio.config.label_config import parse_label_config
from pushoff.workflows.steps.push_queue import AT_ONCE, HEAD, is_shown, push_queue
from tests.unit.studio.prediction_studio import PROJECT, PredictionStudio
from tests.unit.workflows.long_queue import publication, services_of

INTERFACE = parse_label_config(build_label_config())
NAME = "v1.abcdef"


@pytest.fixture
def studio():
    return PredictionStudio(list(range(1, AT_ONCE + 301)))


@pytest.fixture
def services(studio, redis_url, tmp_path):
    with services_of(studio, redis_url, tmp_path) as opened:
        yield opened


def test_of_a_long_queue_the_head_is_shown_first(studio, services):
    """The rest is remembered, for later."""
    order = publication(NAME, studio.tasks[::-1])
    report = push_queue(services, PROJECT, INTERFACE, order)
    assert (report.pushed, report.to_follow) == (HEAD, len(studio.tasks) - HEAD)
    assert studio.tasks_of(NAME) == studio.tasks[: -HEAD - 1 : -1]
    assert studio.project["model_version"] == NAME
    assert load_publication(services.storage, PROJECT, NAME) == order
    assert unfinished_projects(services.storage, time.time() + 1) == [PROJECT]
    assert unfinished_projects(services.storage, time.time() - 60) == []
    assert not is_shown(services, PROJECT, NAME, len(studio.tasks))


def test_a_short_queue_is_pushed_as_a_whole_after_its_head_is_shown(studio, services):
    """In one job."""
    order = publication(NAME, studio.tasks[:AT_ONCE])
    report = push_queue(services, PROJECT, INTERFACE, order)
    assert (report.pushed, report.already_there, report.to_follow) == (AT_ONCE, 0, 0)
    assert studio.tasks_of(NAME) == studio.tasks[:AT_ONCE]
    assert unfinished_projects(services.storage, time.time() + 1) == []
    shown = studio.asked.index("PATCH /api/projects/N")
    assert sum(each.startswith("POST") for each in studio.asked[:shown]) == 1
    assert is_shown(services, PROJECT, NAME, AT_ONCE)
    assert not is_shown(services, PROJECT, "v1.fedcba", AT_ONCE)
    studio.project["sampling"] = "Sequential sampling"
    assert not is_shown(services, PROJECT, NAME, AT_ONCE)


def test_the_head_is_worth_two_refits(studio, redis_url, tmp_path):
    """Annotators do not reach its end before the next order."""
    with services_of(studio, redis_url, tmp_path, refit_every=300) as services:
        report = push_queue(services, PROJECT, INTERFACE, publication(NAME, studio.tasks))
    assert report.pushed == 600


def test_without_anything_to_show_nothing_is_pushed(studio, services):
    """Without tasks, and without a model where reasons have no place."""
    silent = parse_label_config(
        '<View><Image name="image" value="$image"/><Choices name="label" toName="image">'
        '<Choice value="push_off"/><Choice value="not_push_off"/></Choices></View>'
    )
    assert push_queue(services, PROJECT, INTERFACE, publication(NAME, [])) is None
    cold = publication(f"{COLD}.abcdef", studio.tasks)
    cold = type(cold)(cold.name, COLD, cold.strategy, cold.places)
    assert push_queue(services, PROJECT, silent, cold) is None
    assert not studio.asked
