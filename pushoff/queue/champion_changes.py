"""The news that another model serves: a counter in Redis, raised and announced at every change.

A process that missed the announcement sees the counter; one that cannot see Redis asks the registry
itself now and then.
"""

from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError

from pushoff.queue.connection import decode, translate_redis_errors

COUNTER_KEY = "pushoff:champion:changes"
CHANNEL = "pushoff:champion"


class ChampionChanges:
    """Announces changes of champion, and waits for them. Methods raise QueueUnavailable.

    Announcing is safe from several threads; waiting is for one.
    """

    def __init__(self, connection: Redis) -> None:
        self._connection = connection
        self._listener: PubSub | None = None
        self._seen: str | None = None

    @translate_redis_errors()
    def announce(self) -> None:
        """Tell every process that waits."""
        with self._connection.pipeline() as pipe:
            pipe.incr(COUNTER_KEY)
            pipe.publish(CHANNEL, "changed")
            pipe.execute()

    @translate_redis_errors()
    def wait(self, timeout_s: float) -> bool:
        """Whether there was a change since the last call, waiting for one `timeout_s` at most.

        The first call says yes: nothing is known of what was before. It may return False early.
        """
        try:
            if self._listener is None:
                self._listener = self._connection.pubsub(ignore_subscribe_messages=True)
                self._listener.subscribe(CHANNEL)
            if self._has_changed():
                return True
            self._listener.get_message(timeout=timeout_s)
            return self._has_changed()
        except RedisError:
            self.close()
            raise

    def close(self) -> None:
        """Stop listening; the next call of `wait` listens again."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _has_changed(self) -> bool:
        """Compare the counter with the one seen last, which it replaces."""
        counter = decode(self._connection.get(COUNTER_KEY))
        changed, self._seen = counter != self._seen, counter
        return changed
