"""Signed jobs: what is not signed or not on the list never runs."""

import json
import pickle

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pushoff.errors import BadInput, SettingWrong, Unsafe
from pushoff.queue import JobQueue
from pushoff.queue.signing import SignedSerializer
from tests.queue_jobs import SECRET, open_queue

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)
KEYS = st.text(
    st.characters(exclude_categories=["Cs", "Z", "Cc"], exclude_characters=","), min_size=1
)


@given(VALUES, KEYS)
def test_a_signed_value_is_read_back(value, key):
    """A value comes back from its signed bytes as it was."""
    serializer = SignedSerializer(key)
    assert serializer.loads(serializer.dumps(value)) == value


@given(VALUES, st.data())
def test_a_changed_byte_is_refused(value, data):
    """Signed bytes with any one byte changed, added or taken away are refused."""
    serializer = SignedSerializer("key")
    signed = serializer.dumps(value)
    at = data.draw(st.integers(0, len(signed) - 1))
    piece = data.draw(st.binary(max_size=2))
    changed = signed[:at] + piece + signed[at + 1 :]
    assume(changed != signed)
    with pytest.raises(Unsafe):
        serializer.loads(changed)


@given(st.binary(max_size=60))
def test_unsigned_bytes_are_refused(data):
    """Unsigned bytes, JSON or pickle or noise, are refused and not decoded."""
    with pytest.raises(Unsafe) as caught:
        SignedSerializer("key").loads(data)
    assert caught.value.code == "bad_signature"


def test_another_key_is_refused():
    """Another key does not verify a signature."""
    with pytest.raises(Unsafe):
        SignedSerializer("mine").loads(SignedSerializer("theirs").dumps([1]))


def test_a_key_is_changed_without_losing_jobs():
    """With the new key before the old one, both verify and the new one signs."""
    old, both, new = (SignedSerializer(k) for k in ("old", ("new", "old"), ("new",)))
    assert both.loads(old.dumps("waiting")) == "waiting"
    assert new.loads(both.dumps("fresh")) == "fresh"
    with pytest.raises(Unsafe):
        new.loads(old.dumps("forgotten"))
    assert SignedSerializer("new, old").loads(old.dumps("as one setting")) == "as one setting"


def test_a_missing_key_and_values_that_are_not_json_are_refused():
    """Without a key nothing is signed; what JSON cannot express raises BadInput."""
    for nothing in ("", " , ", (), ("new", "")):
        with pytest.raises(SettingWrong, match="PUSHOFF_JOB_SECRET"):
            SignedSerializer(nothing)
    with pytest.raises(BadInput):
        SignedSerializer("key").dumps({"loss": float("nan")})


def _attack(queue: JobQueue, job_id: str, data: bytes, **fields: str) -> None:
    """Write a job into Redis by hand, as someone who got into Redis would."""
    values = {"data": data, "origin": "fast", "status": "queued", "timeout": 60, **fields}
    queue.jobs.connection.hset(f"rq:job:{job_id}", mapping=values)
    queue.jobs.connection.rpush("rq:queue:fast", job_id)


def test_jobs_of_others_never_run(queue, work, redis_url, tmp_path):
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
