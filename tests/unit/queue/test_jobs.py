"""Jobs by name: enqueued, followed, cancelled."""

import pytest
from rq.utils import import_attribute

from pushoff.errors import BadInput, QueueUnavailable
from pushoff.queue import JOBS, JobFailure, JobQueue, connect
from pushoff.util.progress import Progress
from tests.queue_jobs import SECRET, open_queue


def test_a_job_runs_reports_progress_and_returns(queue, work):
    """A job runs in a process of its own; its progress and its result come back."""
    job_id = queue.jobs.enqueue("greet", name="Ana")
    assert queue.jobs.status(job_id).state == "queued"
    work()
    heard = []
    status = queue.jobs.wait(job_id, heard.append)
    assert status.state == "finished" and status.done and status.error is None
    assert status.result == {"hello": "Ana", "heavy": False}
    assert heard == [Progress("greeting", 1)]
    assert queue.jobs.status("never-asked").state == "unknown"


def test_a_live_job_id_is_not_enqueued_twice(queue):
    """Enqueued again while it waits, an id is one job; an unknown name is refused."""
    for _ in range(3):
        assert queue.jobs.enqueue("greet", job_id="once") == "once"
    assert queue.jobs.rq_queue("fast").job_ids == ["once"]
    with pytest.raises(BadInput) as caught:
        queue.jobs.enqueue("os.system")
    assert caught.value.code == "unknown_job"


def test_a_failure_has_a_code_and_one_line(queue, work, tmp_path):
    """A failed job says why, without traceback; what a retry cannot change is not retried."""
    hopeless = queue.jobs.enqueue("fail", folder=str(_subfolder(tmp_path, "a")), kind="hopeless")
    unlucky = queue.jobs.enqueue("fail", folder=str(_subfolder(tmp_path, "b")), kind="bug", retry=2)
    late = queue.jobs.enqueue(
        "fail", folder=str(_subfolder(tmp_path, "c")), kind="busy", timeout_s=1
    )
    upstream = queue.jobs.enqueue("fail", folder=str(_subfolder(tmp_path, "d")), kind="upstream")
    work()
    status = queue.jobs.status(hopeless)
    assert status.state == "failed"
    assert status.failure == JobFailure(
        "TooFewLabels", "3 labels are there, 40 are needed: label 37 more", harmless=True
    )
    assert len(list((tmp_path / "a").iterdir())) == 1
    assert queue.jobs.status(unlucky).failure == JobFailure("RuntimeError", "no luck")
    assert len(list((tmp_path / "b").iterdir())) == 3
    assert queue.jobs.status(late).failure.code == "timeout"
    assert len(list((tmp_path / "c").iterdir())) == 1
    assert queue.jobs.status(upstream).state == "queued"  # waits ten seconds before the next try
    assert upstream in queue.jobs.rq_queue("fast").scheduled_job_registry.get_job_ids()


def _subfolder(folder, name):
    (folder / name).mkdir()
    return folder / name


def test_a_waiting_job_can_be_cancelled(queue, work):
    """A cancelled job does not run; its state says so."""
    job_id = queue.jobs.enqueue("greet")
    assert queue.jobs.cancel(job_id)
    work()
    assert queue.jobs.status(job_id).state == "cancelled"
    assert not queue.jobs.cancel(job_id)


def test_every_call_without_redis_raises_queue_unavailable(own_redis):
    """When Redis stops answering every call raises QueueUnavailable."""
    queue = open_queue(own_redis.url)
    own_redis.kill()
    for call in (
        lambda: queue.jobs.enqueue("greet"),
        lambda: queue.jobs.status("x"),
        lambda: queue.retrain.mark_due(1, "x"),
        lambda: queue.retrain.request(1, "x"),
        lambda: connect(own_redis.url),
    ):
        with pytest.raises(QueueUnavailable) as caught:
            call()
        assert caught.value.code == "unreachable"


def test_the_product_allows_its_own_jobs_only():
    """A worker runs functions of `worker.jobs` only, and each of the list exists."""
    assert set(JOBS) >= {"ingest_video", "retrain", "publish", "nightly"}
    assert all(callable(import_attribute(name)) for name in JOBS.values())
    assert {name.rpartition(".")[0] for name in JOBS.values()} == {"worker.jobs"}


def test_a_job_knows_how_many_come_before_it(queue):
    """None where it does not wait."""
    first, second = (queue.jobs.enqueue("greet", job_id=f"greet-{n}") for n in range(2))
    assert (queue.jobs.ahead(first), queue.jobs.ahead(second)) == (0, 1)
    assert queue.jobs.ahead("unknown") is None


def test_what_somebody_watches_a_page_for_comes_first(redis_url):
    """A clip is rendered before the analyses that wait."""
    queue = JobQueue(connect(redis_url), SECRET)
    waiting = queue.request.analyze_session("0" * 16)
    clip = queue.jobs.enqueue("render_clip", session_id="0" * 16, target="session", key="x")
    assert queue.jobs.rq_queue("fast").job_ids == [clip, waiting]
