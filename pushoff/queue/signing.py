"""Signed jobs: JSON with an HMAC, and functions from a fixed list.

RQ imports any dotted name it finds in Redis, so whoever can write to Redis could run code. A
signature and an allow-list prevent that.
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
    """RQ's `dumps` and `loads`: canonical JSON after its HMAC-SHA256.

    The first key signs, every key verifies. To change the key without losing jobs, set
    `new,old`, and remove the old one when its jobs are done.
    """

    def __init__(self, keys: str | Iterable[str]) -> None:
        self.__qualname__ = "SignedSerializer"  # RQ asks every serializer for its class's name
        if isinstance(keys, str):
            keys = [key.strip() for key in keys.split(",") if key.strip()]
        self._keys = [key.encode() for key in keys]
        if not self._keys or not all(self._keys):
            raise SettingWrong(
                "PUSHOFF_JOB_SECRET is empty.", remedy="Run `pushoff env` to make one."
            )

    def dumps(self, value: Any) -> bytes:
        """Signed bytes. Raises BadInput for what JSON cannot express."""
        body = canonical_json(value)
        return b".".join((VERSION, self._mac(self._keys[0], body), body))

    def loads(self, data: bytes) -> Any:
        """The value. Raises Unsafe when none of the keys has signed exactly these bytes."""
        version, _, rest = bytes(data).partition(b".")
        mac, _, body = rest.partition(b".")
        verified = [hmac.compare_digest(mac, self._mac(key, body)) for key in self._keys]
        if version != VERSION or not any(verified):
            raise Unsafe("it is not signed with PUSHOFF_JOB_SECRET", code="bad_signature")
        return json.loads(body)

    @staticmethod
    def _mac(key: bytes, body: bytes) -> bytes:
        return hmac.new(key, VERSION + b"." + body, hashlib.sha256).hexdigest().encode()


class SignedJob(Job):
    """A job that runs only if it is signed, on the allow-list and has no callbacks."""

    allowed: ClassVar[frozenset[str]] = frozenset()
    _has_callbacks = False

    def restore(self, raw_data: Any) -> Any:
        """Read the job from Redis. Callbacks and webhooks are removed, and the job is refused."""
        super().restore(raw_data)
        names = ("_success_callback_name", "_failure_callback_name", "_stopped_callback_name")
        self._has_callbacks = bool(self.webhooks or any(getattr(self, name) for name in names))
        self.webhooks = []
        for name in names:
            setattr(self, name, None)

    def _deserialize_data(self) -> None:
        """Where RQ turns a payload into a function name and its arguments."""
        try:
            name, instance, args, kwargs = self._verified(self.serializer.loads(self.data))
        except Exception as error:
            raise DeserializationError(f"Job {self.id} is refused: {error}") from error
        self._func_name, self._instance, self._args, self._kwargs = name, instance, args, kwargs

    def _verified(self, parts: Any) -> Any:
        if not isinstance(parts, list) or len(parts) != 4:
            raise Unsafe("its payload is not a job", code="malformed_job")
        name, instance, args, kwargs = parts
        if name not in self.allowed:
            raise Unsafe(f"{name!r} is not on the list of jobs", code="unknown_job")
        if instance is not None or not isinstance(args, list) or not isinstance(kwargs, dict):
            raise Unsafe("its arguments are not plain JSON", code="malformed_job")
        if self._has_callbacks:
            raise Unsafe("it has callbacks or webhooks", code="has_callbacks")
        return parts


def signed_job_class(allowed: Iterable[str]) -> type[SignedJob]:
    """A job class whose allow-list is `allowed`, dotted function names."""
    return type("SignedJob", (SignedJob,), {"allowed": frozenset(allowed)})
