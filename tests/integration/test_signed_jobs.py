import json
import pickle

from rq.utils import import_attribute

from pushoff.queue import JOBS, JobQueue
from tests.queue_jobs import SECRET, open_queue


def _attack(queue: JobQueue, job_id: str, data: bytes, **fields: str) -> None:
    """Write a job into Redis by hand, as someone who got into Redis would."""
    values = {"data": data, "origin": "fast", "status": "queued", "timeout": 60, **fields}
    queue.jobs.connection.hset(f"rq:job:{job_id}", mapping=values)
    queue.jobs.connection.rpush("rq:queue:fast", job_id)


def test_jobs_that_are_not_ours_never_run(queue, work, redis_url, tmp_path):
    """Unsigned, tampered, foreign and callback-carrying jobs fail; the canary stays away."""
    canary = tmp_path / "canary"
    shell = ["os.system", None, [f"touch {canary}"], {}]
    good = ["tests.queue_jobs.greet", None, [], {"name": "x"}]
    ours, theirs = queue.jobs.serializer, open_queue(redis_url, "another key").jobs.serializer
    touch = ["pathlib.Path.touch", None, [str(canary)], {}]
    attacks = {
        "unsigned": (json.dumps(shell).encode(), {}),
        "pickled": (pickle.dumps(tuple(shell)), {}),
        "otherkey": (theirs.dumps(shell), {}),
        "tampered": (ours.dumps(good).replace(b"tests.queue_jobs.greet", b"os.system"), {}),
        "foreign": (ours.dumps(shell), {}),
        "path": (ours.dumps(touch), {}),
        "instance": (ours.dumps([good[0], "text", [], {}]), {}),
        "success": (ours.dumps(good), {"success_callback_name": "tests.evil.canary"}),
        "failure": (ours.dumps(shell), {"failure_callback_name": "os.system"}),
        "stopped": (ours.dumps(good), {"stopped_callback_name": "os.system"}),
        "webhooks": (
            ours.dumps(good),
            {"webhooks": '[{"url": "http://127.0.0.1:9/", "job_status": "failed"}]'},
        ),
    }
    for job_id, (data, fields) in attacks.items():
        _attack(queue, job_id, data, retries_left="3", **fields)
    honest = queue.jobs.enqueue("greet")
    work()
    states = {job_id: queue.jobs.status(job_id).state for job_id in attacks}
    assert states == dict.fromkeys(attacks, "failed")
    codes = {job_id: queue.jobs.status(job_id).failure.code for job_id in attacks}
    assert codes["unsigned"] == "bad_signature"
    assert codes["foreign"] == "unknown_job"
    assert codes["success"] == "has_callbacks"
    assert not canary.exists()
    assert queue.jobs.status(honest).state == "finished"


def test_the_product_allows_its_own_jobs_only():
    """A worker runs functions of `worker.jobs` only, and each of the list exists."""
    assert set(JOBS) >= {"ingest_video", "retrain", "publish", "nightly"}
    assert all(callable(import_attribute(name)) for name in JOBS.values())
    assert {name.rpartition(".")[0] for name in JOBS.values()} == {"worker.jobs"}


def test_the_key_changes_while_jobs_wait(redis_url, work):
    """A job signed with the old key still runs after a new key was put before it."""
    old = open_queue(redis_url, SECRET).jobs.enqueue("greet", name="old")
    newer = open_queue(redis_url, (SECRET, "the key before")).jobs
    older = open_queue(redis_url, "the key before").jobs.enqueue("greet", name="older")
    assert newer.status(older).state == "queued"
    job = newer.job_class.fetch(older, connection=newer.connection, serializer=newer.serializer)
    assert job.kwargs == {"name": "older"}
    work()  # knows SECRET only
    assert newer.status(old).state == "finished"
    assert newer.status(older).state == "failed"
