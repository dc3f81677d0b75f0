"""How many labels came since the last training: what decides when the next one is due."""

from redis import Redis
from redis.client import Pipeline

from pushoff.queue.connection import translate_redis_errors


class LabelCounts:
    """Per project: labels counted one by one, and Label Studio's total at the last training.

    `training` is `refit` or `retrain`. Methods raise QueueUnavailable.
    """

    def __init__(self, connection: Redis, training: str) -> None:
        self._connection = connection
        self._new_labels_key = f"pushoff:{training}:new-labels"
        self._total_key = f"pushoff:{training}:label-total"

    @translate_redis_errors()
    def count_new_labels(self, project_id: int, count: int) -> int:
        """Add `count` new labels; returns how many there are since the last `reset`."""
        return int(self._connection.hincrby(self._new_labels_key, str(project_id), count))

    @translate_redis_errors()
    def remember_total(self, project_id: int, total: int) -> None:
        """Record how many labels Label Studio had when a training was requested or began."""
        self._connection.hset(self._total_key, str(project_id), total)

    @translate_redis_errors()
    def remembered_total(self, project_id: int) -> int:
        """The total recorded last; 0 before the first, or after Redis has lost its data."""
        return int(self._connection.hget(self._total_key, str(project_id)) or 0)

    @translate_redis_errors()
    def begin_training(self, project_id: int, total: int) -> None:
        """A training begins with `total` labels in Label Studio: record them and count from 0."""
        with self._connection.pipeline() as pipe:
            pipe.hset(self._new_labels_key, str(project_id), 0)
            pipe.hset(self._total_key, str(project_id), total)
            pipe.execute()

    @translate_redis_errors()
    def reset(self, project_id: int, pipe: Pipeline | None = None) -> None:
        """Start counting at 0; within the transaction `pipe` if given."""
        (pipe or self._connection).hset(self._new_labels_key, str(project_id), 0)
