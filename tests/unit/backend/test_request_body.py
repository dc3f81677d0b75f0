"""backend/request_body.py: limits of a body, and the concurrency limit."""

import asyncio
import json
import sys

import pytest
from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import ApiError
from backend.request_body import MAX_DEPTH, ConcurrencyLimit, parse_json, read_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc\\u0", max_size=5), inner)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.text("xyz"), JSON), st.booleans())
def test_valid_json_is_unchanged(value: dict[str, object], ascii_only: bool) -> None:
    """Any value within the limits."""
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "body_empty"),
        (b" \n", 400, "body_empty"),
        (b"{", 400, "json_invalid"),
        (b'{"a": 1} x', 400, "json_invalid"),
        (b"[]", 422, "json_not_object"),
        (b"3", 422, "json_not_object"),
        (b'{"a": NaN}', 400, "json_number"),
        (b'{"a": -Infinity}', 400, "json_number"),
        (b'{"a": 1e999}', 400, "json_number"),
        (b'{"a": ' + b"9" * 5000 + b"}", 400, "json_number"),
        (b'{"a": 9223372036854775808}', 400, "json_number"),
        (b'{"a": 1, "a": 2}', 400, "json_duplicate_key"),
        (b'{"a": "\\ud800"}', 400, "json_invalid"),
        (b'{"\\udfff": 1}', 400, "json_invalid"),
        (b'{"a": "\xff"}', 400, "json_invalid"),
        (b'{"a": ["x\\u0000"]}', 422, "json_nul"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), 400, "json_depth"),
        (b'{"a":' + b"[" * 100_000, 400, "json_depth"),
    ],
)
def test_invalid_json_is_refused(body: bytes, status: int, code: str) -> None:
    """Each kind has a status and a code."""
    with pytest.raises(ApiError) as refused:
        parse_json(body)
    assert (refused.value.status, refused.value.code) == (status, code)


def test_the_maximum_depth_is_allowed() -> None:
    """With many brackets too."""
    deep = b'{"a":' * MAX_DEPTH + b"1" + b"}" * MAX_DEPTH
    assert parse_json(deep)
    assert parse_json(b'{"tasks": [' + b"{}," * 5000 + b"{}]}")


def test_surrogate_pairs_are_allowed() -> None:
    """So is an escaped backslash before u0000."""
    assert parse_json(b'{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}
    assert parse_json(b'{"a": "\\\\u0000"}') == {"a": "\\u0000"}


def test_large_bodies_are_parsed_quickly() -> None:
    """2,500 tasks (1.2 MB) take much less than a second."""
    task = {"id": 1, "data": {"image": "/data/upload/3/x.jpg"}, "annotations": [], "pad": "x" * 380}
    started = asyncio.new_event_loop().time()
    parse_json(json.dumps({"tasks": [task] * 2500}).encode())
    assert asyncio.new_event_loop().time() - started < 1


def test_a_slow_body_times_out() -> None:
    """408, and the connection is closed."""

    async def stuck() -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    headers = [(b"content-type", b"application/json"), (b"content-length", b"10")]
    request = Request({"type": "http", "headers": headers}, stuck)
    with pytest.raises(ApiError) as refused:
        asyncio.run(read_json(request, timeout_s=0.02))
    assert (refused.value.status, refused.value.code) == (408, "body_too_slow")
    assert refused.value.headers == {"Connection": "close"}


def test_a_full_queue_refuses_requests() -> None:
    """With 503."""

    async def scene() -> list[str]:
        slots, seen = ConcurrencyLimit(active=1, waiting=1), []

        async def one() -> None:
            try:
                async with slots.slot():
                    await asyncio.sleep(0.01)
                    seen.append("done")
            except ApiError as busy:
                seen.append(f"{busy.status} {busy.headers['Retry-After']}")

        await asyncio.gather(one(), one(), one())
        await one()
        return seen

    assert asyncio.run(scene()) == ["503 5", "done", "done", "done"]


def test_the_depth_limit_is_below_the_recursion_limit() -> None:
    """By far."""
    assert sys.getrecursionlimit() > 4 * MAX_DEPTH
