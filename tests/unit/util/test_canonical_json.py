import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.util.canonical_json import canonical_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_it_reads_back_and_is_stable(value):
    """What is written reads back equal, and writes the same bytes again."""
    data = canonical_json(value)
    assert json.loads(data) == value
    assert canonical_json(json.loads(data)) == data


@given(st.dictionaries(TEXT, JSON, min_size=2, max_size=5))
def test_the_order_of_keys_does_not_matter(value):
    """A dictionary filled in another order has the same bytes."""
    assert canonical_json(dict(reversed(value.items()))) == canonical_json(value)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), b"x", "\ud800", {1: 1, "a": 2}, object()]
)
def test_what_json_cannot_say_is_refused(value):
    """NaN, bytes, lone surrogates, mixed keys and objects raise BadInput."""
    with pytest.raises(BadInput):
        canonical_json(value)
