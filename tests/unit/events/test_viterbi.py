from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.events.viterbi import push_off_path

quick = settings(max_examples=40, deadline=None)
seeds = st.integers(0, 2**32 - 1)


def path(contact, push_off, athlete=None, step=1, min_contact=2, min_flight=2):
    seen = np.ones(len(contact), bool) if athlete is None else athlete
    contact, push_off = np.asarray(contact, float), np.asarray(push_off, float)
    return push_off_path(
        contact, push_off, seen, step, min_contact=min_contact, min_flight=min_flight
    )


def worth(phases, contact, push_off):
    """Log likelihood of a path through early contact (0), push-off (1) and flight (2)."""
    on, end = np.clip(contact, 1e-3, 0.999), np.clip(push_off, 1e-3, 0.999)
    each = np.log([on * (1 - end), on * end, (1 - on) * (1 - end)])
    return sum(each[phase, index] for index, phase in enumerate(phases))


def legal(phases, early, flight):
    """0 then 1 then 2 then 0, a push-off of one frame, inner phases of at least their length."""
    if any((b - a) % 3 not in (0, 1) for a, b in pairwise(phases)):
        return False
    starts = [i for i in range(len(phases)) if i == 0 or phases[i] != phases[i - 1]]
    runs = [(phases[a], b - a) for a, b in zip(starts, [*starts[1:], len(phases)], strict=True)]
    if any(phase == 1 and length > 1 for phase, length in runs):
        return False
    least = {0: early, 1: 1, 2: flight}
    return all(length >= least[phase] for phase, length in runs[1:-1])


@quick
@given(seed=seeds, count=st.integers(1, 7), early=st.integers(1, 2), flight=st.integers(1, 2))
def test_no_legal_way_is_likelier(seed, count, early, flight):
    """Of all paths through the phases, by exhaustive search, the best one is chosen."""
    rng = np.random.default_rng(seed)
    contact, push_off = rng.random(count), rng.random(count)
    ways = [way for way in product(range(3), repeat=count) if legal(way, early, flight)]
    best = max(ways, key=lambda way: worth(way, contact, push_off))
    found = path(contact, push_off, min_contact=early + 1, min_flight=flight)
    assert found == [index for index, phase in enumerate(best) if phase == 1]


@quick
@given(
    seed=seeds,
    step=st.sampled_from([1, 2, 8]),
    least=st.integers(1, 20),
    flight=st.integers(1, 20),
)
def test_phases_last_as_long_as_they_must(seed, step, least, flight):
    """Between two ends are at least a flight and a whole contact, whatever the curves."""
    rng = np.random.default_rng(seed)
    found = path(rng.random(200), rng.random(200), None, step, least, flight)
    assert all(0 <= frame < 200 for frame in found)
    assert (np.diff(found) >= flight + max(least, step + 1)).all()


@quick
@given(step=st.sampled_from([1, 2, 4, 8, 33]), data=st.data())
def test_a_push_off_as_wide_as_a_step_ends_at_its_last_frame(step, data):
    """A model with every 8th frame as input outputs push-off for 8 frames: the last one counts."""
    gap = st.integers(10 * step, 20 * step)
    ends = np.cumsum(data.draw(st.lists(gap, min_size=1, max_size=5)))
    contact, push_off = np.full(ends[-1] + 5 * step, 0.05), np.full(ends[-1] + 5 * step, 0.05)
    for end in ends:
        contact[end + 1 - 4 * step : end + 1] = 0.95
        push_off[end + 1 - step : end + 1] = 0.9
    assert path(contact, push_off, None, step, 3 * step, 2 * step) == list(ends)


def test_contact_alone_tells_the_end():
    """Without a push-off probability the end of the contact is still found."""
    contact = [0.02] * 6 + [0.98] * 6 + [0.02] * 6
    assert path(contact, [0.05] * 18) == [11]


def test_a_moment_in_the_air_does_not_split_a_contact():
    """A contact that flickers for less than a flight is one contact."""
    contact = np.array([0.02] * 6 + [0.98] * 12 + [0.02] * 6)
    contact[11] = 0.02
    push_off = np.full(24, 0.05)
    push_off[17] = 0.9
    assert path(contact, push_off, min_contact=3, min_flight=3) == [17]


@pytest.mark.parametrize("count", [1, 3])
def test_videos_shorter_than_a_phase(count):
    """A video shorter than any phase is no error."""
    assert path([0.1] * count, [0.1] * count, None, 8, 30, 20) == []


def test_nobody_there():
    """Frames without an athlete have no event, whatever the curves."""
    contact = np.tile([0.98] * 6 + [0.02] * 6, 5)
    assert path(contact, contact, np.ones(60, bool)) == [5, 17, 29, 41, 53]
    assert path(contact, contact, np.zeros(60, bool)) == []
