"""What the models page hears of training, out of a real queue."""

from backend.coach.models.training_progress import running_trainings
from pushoff.queue import JobQueue, connect
from pushoff.util.progress import Progress


def test_training_is_told_from_the_wish_to_the_end(redis_url):
    """A project appears when a retrain is asked for and goes when its job has ended."""
    queue = JobQueue(connect(redis_url), "canary-jobs")
    assert running_trainings(queue) == []
    asked = queue.retrain.request(7, reason="a test", delay_s=60)
    waiting = {"project": 7, "state": "queued", "stage": "", "done": None, "total": None}
    assert running_trainings(queue) == [waiting]
    queue.jobs.cancel(asked.job_id)
    assert running_trainings(queue) == []


def test_the_newest_counter_is_shown(redis_url):
    """Epochs of a training, images of a pull: whatever the job counts."""
    queue = JobQueue(connect(redis_url), "canary-jobs")
    asked = queue.retrain.request(7, reason="a test", delay_s=60)
    job = queue.jobs.job_class.fetch(
        asked.job_id, connection=queue.jobs.connection, serializer=queue.jobs.serializer
    )
    for progress in (
        Progress("fetching images", 25, 100, "task"),
        Progress("training", 2, 30, "epoch"),
        Progress("comparing on held-out sessions"),
    ):
        job.meta["progress"] = progress.as_dict()
        job.save_meta()
        [one] = running_trainings(queue)
        assert (one["stage"], one["done"], one["total"]) == (
            progress.stage,
            progress.done,
            progress.total,
        )
