from hypothesis import given
from hypothesis import strategies as st

from pushoff.events.matching import match, scored_events
from tests.unit.events.scoring_samples import events, few, quick, truth


def most(found, true, reaches, crossing):
    """(pairs, -frames apart) of the best matching, by exhaustive search."""
    if not found:
        return (0, 0)
    best = most(found[1:], true, reaches, crossing)
    for j, at in enumerate(true):
        if abs(found[0] - at) <= reaches[j]:
            rest = slice(j + 1, None)
            left, reach = (
                (true[:j] + true[rest], reaches[:j] + reaches[rest])
                if crossing
                else (true[rest], reaches[rest])
            )
            pairs, near = most(found[1:], left, reach, crossing)
            best = max(best, (pairs + 1, near - abs(found[0] - at)))
    return best


def value(pairing, found, true):
    return len(pairing.pairs), -sum(abs(found[i] - true[j]) for i, j in pairing.pairs)


@quick
@given(found=few, true=few, reach=st.integers(0, 12))
def test_no_pairing_is_better(found, true, reach):
    """As many pairs as any one-to-one matching, and of those the closest; by exhaustive search."""
    best = most(found, true, [reach] * len(true), crossing=True)
    assert value(match(found, true, reach), found, true) == best


@quick
@given(found=few, data=st.data())
def test_each_true_event_its_own_reach(found, data):
    """With a tolerance for each event, no matching that keeps the order is better."""
    each = st.tuples(st.integers(0, 25), st.integers(0, 9))
    true, reaches = zip(*sorted(data.draw(st.lists(each, min_size=1, max_size=5))), strict=True)
    best = most(found, list(true), list(reaches), crossing=False)
    assert value(match(found, true, reaches), found, true) == best


@quick
@given(found=few, true=few, reach=st.integers(0, 12))
def test_pairs_are_one_to_one_within_reach(found, true, reach):
    """Every event is in one pair, a false alarm or missed; pairs keep order and tolerance."""
    pairing = match(found, true, reach)
    ours, theirs = ([one[side] for one in pairing.pairs] for side in (0, 1))
    assert sorted([*ours, *pairing.false_alarms]) == list(range(len(found)))
    assert sorted([*theirs, *pairing.missed]) == list(range(len(true)))
    assert ours == sorted(ours)
    assert theirs == sorted(theirs)
    assert all(abs(found[i] - true[j]) <= reach for i, j in pairing.pairs)


@quick
@given(found=few, true=few, reach=st.integers(0, 12))
def test_time_may_run_backwards(found, true, reach):
    """Neither direction of time is preferred, nor predicted over true events."""
    forward = value(match(found, true, reach), found, true)
    back = [[-at for at in reversed(one)] for one in (found, true)]
    assert value(match(*back, reach), *back) == forward
    assert value(match(true, found, reach), true, found) == forward


def test_a_pair_more_is_worth_any_distance():
    """However wide the tolerance, the number of pairs comes first."""
    found, true = [10**7, 2 * 10**7], [2 * 10**7, 3 * 10**7]
    assert match(found, true, 10**7).pairs == ((0, 0), (1, 1))


@quick
@given(found=few, true=few, reach=st.integers(0, 12), data=st.data())
def test_optional_events_only_add_pairs(found, true, reach, data):
    """As many pairs as without optional events, as few of these as possible, the closest."""
    optional = data.draw(st.sets(st.integers(0, max(len(found) - 1, 0))))
    every = [
        [(i, j)] for i, a in enumerate(found) for j, b in enumerate(true) if abs(a - b) <= reach
    ]

    def worth(pairs):
        apart = sum(abs(found[i] - true[j]) for i, j in pairs)
        return len(pairs), -sum(i in optional for i, _ in pairs), -apart

    def grow(pairs, rest):
        yield pairs
        for at, ((i, j),) in enumerate(rest):
            if all(i != a and j != b for a, b in pairs):
                yield from grow([*pairs, (i, j)], rest[at + 1 :])

    assert max(map(worth, grow([], every))) == worth(match(found, true, reach, optional).pairs)


@quick
@given(found=few, true=few, a=st.integers(0, 25), b=st.integers(0, 25), k=st.integers(0, 6))
def test_what_counts(found, true, a, b, k):
    """Every event in the complete range; outside only those that match a true event inside."""
    known = truth(true, complete_from=min(a, b), complete_to=max(a, b))
    frames = [
        event.frame for event in scored_events(events(found), known, k, own_uncertainty=False)
    ]
    within = [at for at in found if min(a, b) <= at <= max(a, b)]
    meant = [at for at in true if min(a, b) <= at <= max(a, b)]
    assert within == [at for at in frames if min(a, b) <= at <= max(a, b)]
    most = len(match(found, meant, k).pairs)
    assert len(frames) - len(within) == most - len(match(within, meant, k).pairs)


def test_the_order_found_events_come_in_does_not_matter():
    """They are sorted first."""
    known = truth([10, 20], complete_from=10, complete_to=20)
    found = events([9, 15, 21])
    assert found == scored_events(found[::-1], known, 1, own_uncertainty=False)
