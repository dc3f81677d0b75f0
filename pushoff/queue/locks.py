"""Locks that a dead holder cannot keep."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.exceptions import RedisError
from redis.lock import Lock

from pushoff.errors import QueueUnavailable
from pushoff.queue.connection import redis_in_words

log = logging.getLogger(__name__)


@contextmanager
def redis_lock(
    connection: Redis, name: str, *, ttl_s: float, wait_s: float, renewed: bool = False
) -> Iterator[None]:
    """Inside, nobody else holds the lock `name`, for `ttl_s` seconds or, `renewed`, to the end.

    A holder that dies frees it after `ttl_s`. Raises QueueUnavailable when it stays taken for
    `wait_s` seconds, or Redis does not answer.
    """
    lock = connection.lock(
        f"pushoff:lock:{name}", timeout=ttl_s, blocking_timeout=wait_s, thread_local=False
    )
    with redis_in_words():
        if not lock.acquire():
            raise QueueUnavailable(f"Someone else has been at {name} for {wait_s:.0f} s")
    over = threading.Event()
    if renewed:
        threading.Thread(target=_renew, args=(lock, ttl_s / 3, over), daemon=True).start()
    try:
        yield
    finally:
        over.set()
        try:
            lock.release()
        except RedisError as error:  # it ran out, or Redis went away: others may go on
            log.info("lock %s was gone at the end: %s", name, error)


def _renew(lock: Lock, every_s: float, over: threading.Event) -> None:
    while not over.wait(every_s):
        try:
            lock.reacquire()
        except RedisError as error:
            log.info("lock %s could not be renewed: %s", lock.name, error)
