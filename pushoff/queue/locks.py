"""Locks that expire when their holder dies."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from redis import Redis
from redis.exceptions import RedisError
from redis.lock import Lock

from pushoff.errors import QueueUnavailable
from pushoff.queue.connection import translate_redis_errors

log = logging.getLogger(__name__)

PUBLISH_WAIT_S = 600
"""How long one publish waits for another, seconds."""


class Locks:
    """The locks that jobs and commands take."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection

    @contextmanager
    def publish(self, project_id: int, wait_s: float = PUBLISH_WAIT_S) -> Iterator[None]:
        """Held while predictions are published; a dead holder's lock expires after a minute.

        Raises QueueUnavailable when the lock is not free within `wait_s`, by default ten minutes.
        """
        with redis_lock(
            self._connection,
            f"publish:{project_id}",
            ttl_s=60,
            wait_s=wait_s,
            renewed=True,
        ):
            yield

    @contextmanager
    def dataset(self) -> Iterator[None]:
        """Held from reading the newest data set until the next one is stored.

        Raises QueueUnavailable when the lock is not free within a minute.
        """
        with redis_lock(self._connection, "dataset", ttl_s=60, wait_s=60, renewed=True):
            yield


@contextmanager
def redis_lock(
    connection: Redis, name: str, *, ttl_s: float, wait_s: float, renewed: bool = False
) -> Iterator[None]:
    """Hold the lock `name` for at most `ttl_s` seconds; with `renewed`, until the block ends.

    The lock of a holder that dies expires after `ttl_s`. Raises QueueUnavailable when the lock is
    not free within `wait_s` seconds (code `lock_timeout`) or Redis does not answer.
    """
    lock = connection.lock(
        f"pushoff:lock:{name}", timeout=ttl_s, blocking_timeout=wait_s, thread_local=False
    )
    with translate_redis_errors():
        if not lock.acquire():
            raise QueueUnavailable(
                f"Timed out after {wait_s:.0f} s waiting for lock {name}",
                code="lock_timeout",
            )
    done = threading.Event()
    if renewed:
        threading.Thread(target=_renew, args=(lock, ttl_s / 3, done), daemon=True).start()
    try:
        yield
    finally:
        done.set()
        try:
            lock.release()
        except RedisError as error:  # it has expired or Redis is away: nobody is kept waiting
            log.info(
                "lock %s was not released (it had already expired, or Redis failed): %s",
                name,
                error,
            )


def _renew(lock: Lock, every_s: float, done: threading.Event) -> None:
    while not done.wait(every_s):
        try:
            lock.reacquire()
        except RedisError as error:
            log.info("lock %s could not be renewed: %s", lock.name, error)
