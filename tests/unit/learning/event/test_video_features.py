import dataclasses
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.learning.event.feature_extractor import PLAIN
from pushoff.learning.event.video_features import film_bytes, parse_film
from tests.unit.learning.event_samples import film_of, known, same

MADE = film_of(known(2, step=2), seed=4)
DATA = film_bytes(MADE)


def test_a_film_comes_back_as_it_was_kept():
    """Info with exact rates, track, warnings and every description survive being stored."""
    assert same(MADE, parse_film(DATA))
    drift = np.arange(2.0 * len(MADE.times_s)).reshape(-1, 2)
    track = dataclasses.replace(
        MADE.track, drift_px=drift, camera="panning", direction=None, cuts=(3, 7)
    )
    panned = dataclasses.replace(MADE, track=track)
    assert same(panned, parse_film(film_bytes(panned)))
    assert parse_film(film_bytes(panned)).direction is None


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(DATA) - 1), bits=st.integers(1, 255))
def test_a_damaged_film_is_refused_or_unharmed(at, bits):
    """Any byte changed gives BadInput or a film of one length, never a trace."""
    data = bytearray(DATA)
    data[at] ^= bits
    try:
        read = parse_film(bytes(data))
    except BadInput:
        return
    assert len(read.times_s) == len(read.track.boxes) == len(read.described[PLAIN]["motion"])


@pytest.mark.parametrize("data", [b"", b"x" * 50, DATA[:-1], DATA[: len(DATA) // 2], DATA[9:]])
def test_what_is_no_film_is_refused(data):
    """Cut off or of another kind."""
    with pytest.raises(BadInput, match="damaged"):
        parse_film(data)


@pytest.mark.parametrize(
    "change",
    [
        {"info": []}, {"info": {"frame_rate": "1/0"}}, {"track": 3}, {"step": "many"},
        {"variants": [{"mirrored": True, "upside": 1}]}, {"variants": [5]},
    ],
)  # fmt: skip
def test_facts_that_make_no_sense_are_refused(change):
    """Whatever the facts beside the arrays say, a damaged film is BadInput."""
    with np.load(io.BytesIO(DATA)) as arrays:
        parts = dict(arrays)
    facts = {**json.loads(parts["facts"].tobytes()), **change}
    parts["facts"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    with pytest.raises(BadInput):
        parse_film(buffer.getvalue())


def test_parts_of_different_lengths_are_refused():
    """A film that lost some of its times is not read as a shorter one."""
    short = dataclasses.replace(MADE, times_s=MADE.times_s[:-1])
    with pytest.raises(BadInput):
        parse_film(film_bytes(short))
