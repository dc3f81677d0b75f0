"""Jobs that only we can have written: JSON under an HMAC, and functions from a fixed list.

RQ imports whatever dotted name it finds in Redis, so whoever can write to Redis could run code.
A signed payload and an allow-list close that door.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from typing import Any, ClassVar

from rq.exceptions import DeserializationError
from rq.job import Job

from pushoff.errors import SettingWrong, Unsafe
from pushoff.util.canonical_json import canonical_json

VERSION = b"pushoff1"


class SignedSerializer:
    """Canonical JSON with an HMAC-SHA256 before it: RQ's `dumps` and `loads`.

    The first key signs, every key verifies: to change a key without losing jobs, put the new
    one first (`new,old`), and take the old one away when its jobs are done.
    """

    def __init__(self, keys: str | Iterable[str]) -> None:
        self.__qualname__ = "SignedSerializer"  # RQ asks every serializer for its class's name
        if isinstance(keys, str):
            keys = [key.strip() for key in keys.split(",") if key.strip()]
        self._keys = [key.encode() for key in keys]
        if not self._keys or not all(self._keys):
            raise SettingWrong("PUSHOFF_JOB_SECRET is empty. Run `pushoff env` to make one.")

    def dumps(self, value: Any) -> bytes:
        """Signed bytes. Raises BadInput for what JSON cannot say."""
        body = canonical_json(value)
        return b".".join((VERSION, self._mac(self._keys[0], body), body))

    def loads(self, data: bytes) -> Any:
        """The value. Raises Unsafe when no key of ours signed exactly these bytes."""
        version, _, rest = bytes(data).partition(b".")
        mac, _, body = rest.partition(b".")
        known = [hmac.compare_digest(mac, self._mac(key, body)) for key in self._keys]
        if version != VERSION or not any(known):
            raise Unsafe("This job was not signed with PUSHOFF_JOB_SECRET; it is not run")
        return json.loads(body)

    @staticmethod
    def _mac(key: bytes, body: bytes) -> bytes:
        return hmac.new(key, VERSION + b"." + body, hashlib.sha256).hexdigest().encode()


class SignedJob(Job):
    """A job that runs only when signed, on the allow-list, and free of callbacks."""

    allowed: ClassVar[frozenset[str]] = frozenset()
    _has_callbacks = False

    def restore(self, raw_data: Any) -> Any:
        """Read the job from Redis. Callbacks and webhooks are dropped, and make it refused."""
        super().restore(raw_data)
        names = ("_success_callback_name", "_failure_callback_name", "_stopped_callback_name")
        self._has_callbacks = bool(self.webhooks or any(getattr(self, name) for name in names))
        self.webhooks = []
        for name in names:
            setattr(self, name, None)

    def _deserialize_data(self) -> None:
        """RQ's one place where a payload becomes a function name and its arguments."""
        try:
            name, instance, args, kwargs = self._checked(self.serializer.loads(self.data))
        except Exception as error:
            raise DeserializationError(f"Job {self.id} is refused: {error}") from error
        self._func_name, self._instance, self._args, self._kwargs = name, instance, args, kwargs

    def _checked(self, parts: Any) -> Any:
        if not isinstance(parts, list) or len(parts) != 4:
            raise Unsafe("its payload is not a job")
        name, instance, args, kwargs = parts
        if name not in self.allowed:
            raise Unsafe(f"{name!r} is not on the list of jobs")
        if instance is not None or not isinstance(args, list) or not isinstance(kwargs, dict):
            raise Unsafe("its arguments are not plain")
        if self._has_callbacks:
            raise Unsafe("it has callbacks or webhooks, and ours never have")
        return parts


def signed_job_class(allowed: Iterable[str]) -> type[SignedJob]:
    """A job class whose allow-list is `allowed`, dotted function names."""
    return type("SignedJob", (SignedJob,), {"allowed": frozenset(allowed)})
