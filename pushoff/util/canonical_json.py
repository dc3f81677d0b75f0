"""Canonical JSON: equal values have equal bytes, so their hashes and signatures are equal."""

import json
from typing import Any

from pushoff.errors import BadInput


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces and no NaN.

    Raises BadInput for values that JSON does not have: NaN, infinity, bytes, lone surrogates, mixed
    keys.
    """
    try:
        text = json.dumps(
            value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(f"This value cannot be written as JSON: {error}") from None
