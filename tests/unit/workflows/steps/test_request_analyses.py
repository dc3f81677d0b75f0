"""After a promotion the sessions of earlier versions are analysed again."""

from pathlib import Path

from pushoff.services import open_services
from pushoff.settings import Settings
from pushoff.workflows.steps.request_analyses import request_analyses


def test_one_job_is_requested(redis_url: str, tmp_path: Path):
    """However often the champion changes meanwhile."""
    settings = Settings(_env_file=None, data_dir=tmp_path, redis_url=redis_url, job_secret="k" * 32)
    with open_services(settings) as services:
        request_analyses(services)
        request_analyses(services)
        [job] = services.queue.jobs.rq_queue("fast").jobs
        assert job.func_name == "worker.jobs.refresh_analyses"


def test_without_a_queue_the_night_does_it(tmp_path: Path):
    """A command that needs no Redis goes on."""
    settings = Settings(
        _env_file=None, data_dir=tmp_path, redis_url=f"unix://{tmp_path}/nowhere.sock"
    )
    with open_services(settings) as services:
        request_analyses(services)
