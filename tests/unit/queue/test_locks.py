"""Locks that expire when their holder dies."""

import threading
import time

import pytest

from pushoff.errors import QueueUnavailable
from pushoff.queue.locks import redis_lock
from tests.queue_jobs import open_queue


def test_one_publish_at_a_time_and_a_dead_holders_lock_expires(queue, redis_url):
    """While one publishes another waits; the lock expires a minute after its holder died."""
    order: list[str] = []

    def second() -> None:
        with open_queue(redis_url).locks.publish(1):
            order.append("second")

    with queue.locks.publish(1):
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.3)
        assert 0 < queue.jobs.connection.ttl("pushoff:lock:publish:1") <= 60
        order.append("first")
    waiting.join(10)
    assert order == ["first", "second"]
    assert not queue.jobs.connection.exists("pushoff:lock:publish:1")


def test_a_lock_is_renewed_while_it_is_held(queue):
    """A renewed lock outlives its term; another expires, which does not end the work."""
    with redis_lock(queue.jobs.connection, "long", ttl_s=0.3, wait_s=1, renewed=True):
        time.sleep(0.8)
        assert queue.jobs.connection.exists("pushoff:lock:long")
    with redis_lock(queue.jobs.connection, "short", ttl_s=0.1, wait_s=1):
        time.sleep(0.3)
        with redis_lock(queue.jobs.connection, "short", ttl_s=5, wait_s=1):
            with pytest.raises(QueueUnavailable) as caught:
                with redis_lock(queue.jobs.connection, "short", ttl_s=5, wait_s=0.2):
                    pytest.fail("two held one lock")
            assert caught.value.code == "lock_timeout"
