"""backend/webhooks.py: events change counters and request jobs in Redis."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.webhooks import ACTIONS, Decision, WebhookHandler, read_event
from pushoff.queue import JobQueue, connect

LABEL = {"id": 1, "result": [{"type": "choices"}], "was_cancelled": False}
SPAN = {"type": "timelinelabels"}
VIDEO = {"id": 1, "result": [SPAN, SPAN, {"type": "choices"}, SPAN], "was_cancelled": False}
PROJECT = {"id": 3, "token": "secret", "task_data_password": "secret"}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
KEYS = st.sampled_from(["action", "project", "annotation", "annotations", "task", "tasks"])


@pytest.fixture
def queue(redis_url: str) -> Iterator[JobQueue]:
    connection = connect(redis_url)
    yield JobQueue(connection, "key")
    connection.close()


@pytest.fixture
def receive(queue: JobQueue) -> Callable[..., Decision]:
    receiver = WebhookHandler(lambda: queue, 2, 3, retrain_delay_s=30)
    return lambda action, **payload: receiver.handle(read_event({"action": action, **payload}))


@given(st.dictionaries(KEYS, ANYTHING | st.sampled_from(sorted(ACTIONS))))
def test_any_payload_is_accepted(payload: dict[str, object]) -> None:
    """No shape causes an error."""
    event = read_event(payload)
    assert event.action in ACTIONS | {"other"}
    assert event.project_id is None or event.project_id > 0


@pytest.mark.parametrize(
    ("payload", "project", "labels"),
    [
        ({"action": "ANNOTATION_CREATED", "annotation": LABEL, "project": PROJECT}, 3, 1),
        ({"action": "ANNOTATION_UPDATED", "annotation": {**LABEL, "project": 5}}, 5, 1),
        ({"action": "ANNOTATION_CREATED", "annotation": VIDEO, "project": PROJECT}, 3, 3),
        ({"action": "ANNOTATION_CREATED", "annotation": LABEL, "task": {"project": 6}}, 6, 1),
        ({"action": "ANNOTATIONS_CREATED", "annotation": [LABEL] * 4, "project": PROJECT}, 3, 4),
        (
            {
                "action": "ANNOTATIONS_CREATED",
                "annotation": [{**LABEL, "parent_prediction": 9}],
                "project": 3,
            },
            3,
            0,
        ),
        ({"action": "ANNOTATION_CREATED", "annotation": {**LABEL, "was_cancelled": True}}, None, 0),
        ({"action": "ANNOTATION_CREATED", "annotation": {**LABEL, "result": []}}, None, 0),
        ({"action": "ANNOTATIONS_DELETED", "annotations": [{"id": 1}], "project": 3}, 3, 1),
        ({"action": "ANNOTATION_CREATED"}, None, 0),
    ],
)
def test_labels_of_a_person_are_counted(
    payload: dict[str, object], project: int | None, labels: int
) -> None:
    """Skipped, empty and bulk-accepted annotations do not count."""
    event = read_event(payload)
    assert (event.project_id, event.labels) == (project, labels)


def test_enough_labels_start_a_retrain(receive: Callable[..., Decision], queue: JobQueue) -> None:
    """The label that completes a number requests a refit or a retrain."""
    words = [receive("ANNOTATION_CREATED", annotation=LABEL, project=3).outcome for _ in range(4)]
    assert words == ["counted", "refit", "retrain", "retrain"]
    assert queue.retrain_labels.count_new_labels(3, 0) == 4
    assert queue.jobs.rq_queue("fast").count == 1
    assert queue.jobs.status(queue.retrain.running_job(3)).state == "queued"


def test_start_training_returns_the_job(receive: Callable[..., Decision], queue: JobQueue) -> None:
    """A second request returns the same one."""
    first = receive("START_TRAINING", project=PROJECT)
    again = receive("START_TRAINING", project=PROJECT)
    assert first.status == 202
    assert first.body == again.body == {"job": queue.retrain.running_job(3), "status": "queued"}


def test_start_training_returns_the_progress_of_a_running_job(
    receive: Callable[..., Decision], queue: JobQueue
) -> None:
    """One more run will follow it."""
    job_id = receive("START_TRAINING", project=3).body["job"]
    key = queue.jobs.job_class.key_for(job_id)
    queue.jobs.connection.hset(key, "status", "started")
    body = receive("START_TRAINING", project=3).body
    assert body == {
        "job": job_id,
        "status": "already running; one more run will follow",
        "progress": {},
    }


def test_deletions_count_like_labels(receive: Callable[..., Decision], queue: JobQueue) -> None:
    """A deleted label is a changed label."""
    assert receive("ANNOTATIONS_DELETED", annotations=[{"id": 1}], project=3).outcome == "counted"
    assert queue.retrain_labels.count_new_labels(3, 0) == 1
    assert queue.retrain.running_job(3) is None


def test_new_tasks_are_published_once(receive: Callable[..., Decision], queue: JobQueue) -> None:
    """However many events, one publish job waits."""
    assert [receive("TASKS_CREATED", tasks=[], project=3).outcome for _ in range(5)] == [
        "publish"
    ] * 5
    assert queue.jobs.rq_queue("fast").count == 1


def test_an_event_without_a_project_is_deferred(
    receive: Callable[..., Decision], queue: JobQueue
) -> None:
    """The scheduler asks Label Studio what changed."""
    assert receive("ANNOTATION_CREATED") == Decision("deferred")
    assert queue.retrain.sweep() == []


@pytest.mark.parametrize("action", ["PROJECT_UPDATED", "TASKS_DELETED", "x" * 9999, None, 3, []])
def test_other_actions_are_ignored(receive: Callable[..., Decision], action: object) -> None:
    """With status 200."""
    assert receive(action, project=PROJECT) == Decision("ignored", 200)


@pytest.mark.parametrize("project", ["x", -1, 10**15, None, {"id": "../3"}])
def test_training_of_an_invalid_project_is_ignored(
    receive: Callable[..., Decision], project: object
) -> None:
    """Without an error."""
    decision = receive("START_TRAINING", project=project)
    assert (decision.outcome, decision.status) == ("ignored", 202)


def test_payloads_are_not_logged(
    receive: Callable[..., Decision], caplog: pytest.LogCaptureFixture
) -> None:
    """They contain tokens and passwords."""
    caplog.set_level("DEBUG")
    receive("ANNOTATION_CREATED", annotation=LABEL, project=PROJECT)
    assert "counted" in caplog.text
    assert "secret" not in caplog.text
