import dataclasses
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput
from pushoff.learning.features.feature_extractor import PLAIN
from pushoff.learning.features.video_features import features_from_bytes, features_to_bytes
from tests.unit.learning.event_samples import known, same, video_of

MADE = video_of(known(2, step=2), seed=4, posed=True)
DATA = features_to_bytes(MADE)


def test_features_survive_a_round_trip():
    """Info with exact rates, track, warnings, all views and landmarks."""
    assert same(MADE, features_from_bytes(DATA))
    nobody = dataclasses.replace(MADE, landmarks=np.full_like(MADE.landmarks, np.nan))
    assert same(nobody, features_from_bytes(features_to_bytes(nobody)))
    drift = np.arange(2.0 * len(MADE.times_s)).reshape(-1, 2)
    track = dataclasses.replace(
        MADE.track, drift_px=drift, camera="panning", direction=None, cuts=(3, 7)
    )
    panned = dataclasses.replace(MADE, track=track)
    assert same(panned, features_from_bytes(features_to_bytes(panned)))
    assert features_from_bytes(features_to_bytes(panned)).direction is None


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(DATA) - 1), bits=st.integers(1, 255))
def test_damaged_bytes_are_refused_or_harmless(at, bits):
    """Any byte changed gives BadInput or features of one length, never another exception."""
    data = bytearray(DATA)
    data[at] ^= bits
    try:
        read = features_from_bytes(bytes(data))
    except BadInput:
        return
    assert len(read.times_s) == len(read.track.boxes) == len(read.views[PLAIN]["motion"])


@pytest.mark.parametrize("data", [b"", b"x" * 50, DATA[:-1], DATA[: len(DATA) // 2], DATA[9:]])
def test_other_bytes_are_refused(data):
    """Cut off or of another kind."""
    with pytest.raises(BadInput, match="damaged"):
        features_from_bytes(data)


@pytest.mark.parametrize(
    "change",
    [
        {"info": []}, {"info": {"frame_rate": "1/0"}}, {"track": 3}, {"step": "many"},
        {"augmentations": [{"mirrored": True, "upside": 1}]}, {"augmentations": [5]},
    ],
)  # fmt: skip
def test_invalid_headers_are_refused(change):
    """Wrong values in the header are BadInput."""
    with np.load(io.BytesIO(DATA)) as arrays:
        parts = dict(arrays)
    facts = {**json.loads(parts["header"].tobytes()), **change}
    parts["header"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    with pytest.raises(BadInput):
        features_from_bytes(buffer.getvalue())


def test_arrays_of_different_lengths_are_refused():
    """Features with fewer times or landmarks than frames are refused."""
    for short in (
        dataclasses.replace(MADE, times_s=MADE.times_s[:-1]),
        dataclasses.replace(MADE, landmarks=MADE.landmarks[:-1]),
    ):
        with pytest.raises(BadInput):
            features_from_bytes(features_to_bytes(short))


def test_features_of_another_format_are_refused():
    """They are extracted again."""
    with np.load(io.BytesIO(DATA)) as arrays:
        parts = dict(arrays)
    facts = json.loads(parts["header"].tobytes())
    facts["format"] -= 1
    parts["header"] = np.frombuffer(json.dumps(facts).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez(buffer, **parts)
    with pytest.raises(BadInput) as refused:
        features_from_bytes(buffer.getvalue())
    assert "damaged" == refused.value.code
