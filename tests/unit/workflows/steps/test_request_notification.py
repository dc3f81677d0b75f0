"""pushoff/workflows/steps/request_notification.py: requested once, and only where wanted."""

from pushoff.notify.message import Kind
from pushoff.services import open_services
from pushoff.settings import Settings
from pushoff.workflows.steps.request_notification import request_notification


def settings(folder, redis_url, **more):
    return Settings(
        _env_file=None, data_dir=folder, redis_url=redis_url, job_secret="k" * 32, **more
    )


def test_the_same_event_is_requested_once(redis_url, tmp_path):
    """Also after its job has ended; another analysis of the session is another event."""
    wanted = settings(tmp_path, redis_url, notify_url="https://hook.example.org")
    with open_services(wanted) as services:
        queue = services.queue.jobs.rq_queue("fast")
        for _ in range(2):
            request_notification(services, Kind.SESSION_READY, "0" * 16, "v1", "None")
        (job_id,) = queue.job_ids
        services.queue.jobs.cancel(job_id)
        request_notification(services, Kind.SESSION_READY, "0" * 16, "v1", "None")
        assert queue.job_ids == []
        request_notification(services, Kind.SESSION_READY, "0" * 16, "v1", "240.0")
        assert len(queue.job_ids) == 1


def test_without_a_setting_nothing_is_requested(tmp_path):
    """Not even Redis is asked."""
    with open_services(settings(tmp_path, "unix:///nowhere/redis.sock")) as services:
        request_notification(services, Kind.MODEL_PROMOTED, "v12")


def test_a_queue_that_is_away_stops_nothing(tmp_path, caplog):
    """What happened has happened; the log says that nobody is told."""
    away = settings(tmp_path, "unix:///nowhere/redis.sock", notify_url="https://hook.example.org")
    with open_services(away) as services:
        request_notification(services, Kind.MODEL_PROMOTED, "v12")
    assert "model_promoted is not requested" in caplog.text
