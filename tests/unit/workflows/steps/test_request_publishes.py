"""After the champion changed, every connected project is published."""

import pytest

from pushoff.services import open_services
from pushoff.settings import Settings
from pushoff.workflows.steps.request_publishes import request_publishes
from tests.unit.studio.serving import connected_to, serve

BACKEND = "http://backend:9090"


@pytest.fixture
def services(redis_url, tmp_path):
    """Connected to projects 3 and 8 of Label Studio, with an empty queue."""
    with serve(connected_to(BACKEND, 3, 8)) as studio:
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path,
            redis_url=redis_url,
            job_secret="k" * 32,
            label_studio_url=studio.url,
            label_studio_token="0" * 40,
            backend_url=BACKEND,
        )
        with open_services(settings) as services:
            yield services


def waiting(services) -> list[dict]:
    return [job.kwargs for job in services.queue.jobs.rq_queue("fast").jobs]


def test_every_connected_project_gets_one_job(services):
    """Asked for twice there is still one waiting publish of each project."""
    requested = [request_publishes(services, reason) for reason in ("first", "second")]
    assert requested == [(3, 8), (3, 8)]
    assert waiting(services) == [
        {"project_id": project_id, "reason": "first"} for project_id in (3, 8)
    ]


def test_the_project_that_the_caller_publishes_is_left_out(services):
    """A refit publishes its own project and requests every other one."""
    assert request_publishes(services, "a refit", besides=3) == (8,)
    assert waiting(services) == [{"project_id": 8, "reason": "a refit"}]


def test_without_label_studio_nothing_is_requested(tmp_path):
    """Redis is not needed either."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        redis_url="unix:///nowhere/redis.sock",
        label_studio_token="",
    )
    with open_services(settings) as services:
        assert request_publishes(services, "a rollback") == ()
