import dataclasses
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.errors import BadInput, VideoRefused
from pushoff.learning.film import (
    VIEWS,
    describe,
    file_sha256,
    film_bytes,
    film_key,
    kept_film,
    parse_film,
)
from pushoff.learning.trunk import FEATURES, MIRRORED, PLAIN
from pushoff.storage.files import Storage
from pushoff.values import Exercise
from pushoff.video.synthetic import DrillSpec, render_drill
from tests.films import film
from tests.unit.learning.event_samples import film_of, known, small_trunk

BOTH = (PLAIN, MIRRORED)
MADE = film_of(known(2, step=2), seed=4)
DATA = film_bytes(MADE)


@pytest.fixture(scope="module")
def trunk():
    return small_trunk()


def same(one, other):
    """Whether two films say the same in every part."""
    facts = [
        (f.sha256, f.info, f.step, f.track.boxes, f.track.found, f.track.full_size, f.track.note,
         f.track.camera, f.track.direction, f.track.warnings)
        for f in (one, other)
    ]  # fmt: skip
    arrays = [
        [
            f.times_s,
            f.track.centres_px,
            *(seen[view] for seen in f.described.values() for view in VIEWS),
        ]
        for f in (one, other)
    ]
    drifts = [f.track.drift_px for f in (one, other)]
    return (
        facts[0] == facts[1]
        and one.described.keys() == other.described.keys()
        and all(np.array_equal(*pair) for pair in zip(*arrays, strict=True))
        and ((drifts[0] is None) == (drifts[1] is None))
        and (drifts[0] is None or np.array_equal(*drifts))
    )


def test_a_film_comes_back_as_it_was_kept():
    """Info with exact rates, track, warnings and every description survive being stored."""
    assert same(MADE, parse_film(DATA))
    drift = np.arange(2.0 * len(MADE.times_s)).reshape(-1, 2)
    track = dataclasses.replace(MADE.track, drift_px=drift, camera="panning", direction=None)
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


def test_a_film_is_kept_by_what_it_is_and_who_described_it(trunk):
    """Another rate, another trunk or another way of looking is another description."""
    keys = {
        film_key("a" * 64, rate, one, wanted)
        for rate in (None, 240.0)
        for one in (trunk, small_trunk(96))
        for wanted in ((PLAIN,), BOTH)
    }
    assert 8 == len(keys)


@pytest.fixture(scope="module")
def drill(tmp_path_factory):
    path = tmp_path_factory.mktemp("drill") / "drill.mp4"
    render_drill(
        path,
        DrillSpec(
            seed=2, exercise=Exercise.HOPS, push_offs=2, capture_fps=60,
            width_px=320, height_px=180, second_person=None,
        ),
    )  # fmt: skip
    return path


def test_a_film_is_described_frame_by_frame_once(drill, trunk, tmp_path):
    """Every frame with the athlete has numbers; the second time they come out of storage."""
    storage = Storage(str(tmp_path / "storage"))
    words = []
    first = kept_film(storage, drill, 60.0, trunk, (PLAIN,), words.append)
    values = first.described[PLAIN]["colours"]
    assert (len(first.times_s), FEATURES) == values.shape
    assert 2 == first.step
    assert np.array_equal(first.athlete, values.any(axis=1))
    assert first.athlete.mean() > 0.5
    assert any(word["stage"] == "reading frames" for word in words)
    words.clear()
    assert same(first, kept_film(storage, drill, 60.0, trunk, (PLAIN,), words.append))
    assert [] == words


def test_a_damaged_description_is_made_anew(drill, trunk, tmp_path):
    """Rubbish in storage costs time, never the answer."""
    storage = Storage(str(tmp_path / "storage"))
    key = film_key(file_sha256(drill), 60.0, trunk, (PLAIN,))
    storage.write(key, b"PK\x03\x04 rubbish")
    made = kept_film(storage, drill, 60.0, trunk, (PLAIN,))
    assert same(made, parse_film(storage.read(key)))


def test_a_film_without_anybody_has_no_numbers(trunk, tmp_path):
    """Nobody seen: a warning, no direction, all zeros."""
    path = film(tmp_path / "empty.mp4", frames=12, rate=60)
    made = describe(path, None, trunk, (PLAIN,))
    assert not made.athlete.any() and made.direction is None
    assert not made.described[PLAIN]["motion"].any()
    assert made.track.warnings


def test_what_is_no_film_is_a_sentence(trunk, tmp_path):
    """Text and a missing file are refused with their name."""
    text = tmp_path / "notes.mp4"
    text.write_text("hello")
    with pytest.raises(VideoRefused, match=r"notes\.mp4"):
        describe(text, None, trunk, (PLAIN,))
    with pytest.raises(BadInput, match=r"gone\.mp4"):
        file_sha256(tmp_path / "gone.mp4")
