"""Read request bodies: strict JSON with limits for size, time, depth and numbers."""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request

from backend.errors import RETRY_AFTER_S, ApiError

MAX_BODY_BYTES = 8 * 2**20
MAX_PREDICT_BYTES = 32 * 2**20
"""Label Studio sends a whole selection in one request: 2,500 tasks are 1.2 MB."""
BODY_TIMEOUT_S = 30.0
"""Longest time to receive a body, seconds."""
MAX_DEPTH = 64
_IN_LOOP_BYTES = 2**15
"""Larger bodies are parsed in a thread, so that /health does not wait."""
_ESCAPED = re.compile(rb"\\u([dD][89a-fA-F]|0000)")
"""Escapes of surrogates and NUL; strings are checked only if the body has one."""


async def read_json(
    request: Request, max_bytes: int = MAX_BODY_BYTES, timeout_s: float = BODY_TIMEOUT_S
) -> dict[str, Any]:
    """The body as a JSON object. Raises ApiError; reads at most `max_bytes`."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    if kind.strip().lower() != "application/json":
        raise ApiError(415, "content_type", "Send JSON, with Content-Type: application/json.")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in ("", "utf-8", "utf8"):
        raise ApiError(415, "content_type", "Send JSON in UTF-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ApiError(415, "content_encoding", "Send the body without compression.")
    data = await read_body(request, max_bytes, timeout_s)
    if len(data) <= _IN_LOOP_BYTES:
        return parse_json(data)
    return await asyncio.to_thread(parse_json, data)


async def read_body(request: Request, max_bytes: int, timeout_s: float = BODY_TIMEOUT_S) -> bytes:
    """The body. Raises ApiError; reads at most `max_bytes`."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    data = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            async for chunk in request.stream():
                data += chunk
                if len(data) > max_bytes:
                    raise _too_large(max_bytes)
    except TimeoutError:
        close = {"Connection": "close"}
        raise ApiError(
            408, "body_too_slow", f"The body took more than {timeout_s:g} s.", close
        ) from None
    return bytes(data)


def _too_large(max_bytes: int) -> ApiError:
    size = f"{max_bytes // 2**20} MiB" if max_bytes >= 2**20 else f"{max_bytes // 2**10} KiB"
    message = f"The body is larger than {size}."
    return ApiError(413, "body_too_large", message, {"Connection": "close"})


def parse_json(data: bytes) -> dict[str, Any]:
    """A JSON object, parsed strictly. Raises ApiError.

    Refused are NaN, integers beyond 64 bits, duplicate keys, lone surrogates, NUL characters and
    more than 64 levels.
    """
    if not data.strip():
        raise ApiError(400, "body_empty", "The body is empty.")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_constant,
            parse_float=_float,
            parse_int=_int,
        )
    except UnicodeDecodeError:
        raise ApiError(400, "json_invalid", "The body is not UTF-8.") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise ApiError(400, "json_invalid", "The body is not valid JSON.") from None
    if not isinstance(value, dict):
        raise ApiError(422, "json_not_object", "The body is not a JSON object.")
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH:
        _check_depth(value)
    if _ESCAPED.search(data):
        _check_strings(value)
    return value


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ApiError(400, "json_duplicate_key", "An object has the same key twice.")
    return value


def _refuse_constant(text: str) -> Any:
    raise ApiError(400, "json_number", "NaN and Infinity are not JSON.")


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ApiError(400, "json_number", "A number is too large.")
    return value


def _int(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= (value := int(text)) < 2**63:
        raise ApiError(400, "json_number", "An integer does not fit in 64 bits.")
    return value


def _too_deep() -> ApiError:
    return ApiError(400, "json_depth", f"The body is nested deeper than {MAX_DEPTH} levels.")


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _check_strings(value: Any) -> None:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += [*item, *item.values()]
        elif isinstance(item, list):
            stack += item
        elif isinstance(item, str):
            if any("\ud800" <= char <= "\udfff" for char in item):
                raise ApiError(400, "json_invalid", "A string has a lone surrogate.")
            if "\0" in item:
                raise ApiError(422, "json_nul", "A string has a NUL character.")


class ConcurrencyLimit:
    """At most `active` requests at once and `waiting` more in a queue; others are refused."""

    def __init__(self, active: int, waiting: int) -> None:
        self._free = asyncio.Semaphore(active)
        self._capacity = active + waiting
        self._admitted = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a slot and hold it. Raises ApiError 503 if the queue is full."""
        if self._admitted >= self._capacity:
            retry = {"Retry-After": str(RETRY_AFTER_S)}
            raise ApiError(503, "busy", "Too many predictions are requested at once.", retry)
        self._admitted += 1
        try:
            async with self._free:
                yield
        finally:
            self._admitted -= 1
