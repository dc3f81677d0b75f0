"""After the champion changed, every connected project is published."""

from pushoff.services import open_services
from pushoff.settings import Settings
from pushoff.workflows.steps.request_publishes import request_publishes
from tests.unit.studio.serving import connected_to, serve

BACKEND = "http://backend:9090"


def test_every_connected_project_gets_one_job(redis_url, tmp_path):
    """Asked for twice there is still one waiting publish of each project."""
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
            requested = [request_publishes(services, reason) for reason in ("first", "second")]
            waiting = services.queue.jobs.rq_queue("fast").jobs
    assert requested == [(3, 8), (3, 8)]
    assert [job.kwargs for job in waiting] == [
        {"project_id": project_id, "reason": "first"} for project_id in (3, 8)
    ]


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
