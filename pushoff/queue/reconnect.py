"""Stay at work until told to stop, through any absence of Redis."""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from redis.exceptions import RedisError

from pushoff.errors import QueueUnavailable

log = logging.getLogger(__name__)

RECONNECT_S = 2


def run_until_stopped(serve: Callable[[], bool]) -> None:
    """Call `serve` again and again until it returns True, or SIGTERM or SIGINT comes.

    RQ's own handlers replace ours while `serve` runs; they are set again after each call.
    """
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    def listen() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)

    listen()
    while not stopped.is_set():
        try:
            if serve():
                return
        except (RedisError, QueueUnavailable) as error:
            log.warning("Redis does not answer (%s); trying again", type(error).__name__)
        listen()
        stopped.wait(RECONNECT_S)
