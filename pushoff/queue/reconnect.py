"""Run a process until it is stopped, and reconnect whenever Redis is away."""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType

from redis.exceptions import RedisError

from pushoff.errors import QueueUnavailable

log = logging.getLogger(__name__)

RECONNECT_S = 2.0
"""Seconds between two attempts to reach Redis."""


def run_until_stopped(
    serve: Callable[[threading.Event], bool], pause_s: float = RECONNECT_S
) -> None:
    """Call `serve` every `pause_s` seconds until it returns True or SIGTERM or SIGINT comes.

    `serve` gets the event that these signals set. When Redis is away, it is called again after
    `RECONNECT_S`. RQ sets its own signal handlers while `serve` runs, so ours are set again after
    each call.
    """
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    def set_handlers() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)

    set_handlers()
    while not stopped.is_set():
        wait_s = pause_s
        try:
            if serve(stopped):
                return
        except (RedisError, QueueUnavailable) as error:
            log.warning("Redis does not answer (%s), will retry", type(error).__name__)
            wait_s = RECONNECT_S
        set_handlers()
        stopped.wait(wait_s)
