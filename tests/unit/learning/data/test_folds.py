"""Assignment of groups to folds."""

from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.data.folds import (
    FOLDS,
    GroupSize,
    assign_folds,
    can_hold_out,
    fold_sizes,
    largest_share,
)

sizes = st.builds(GroupSize, st.integers(0, 50), st.integers(0, 50)).filter(
    lambda size: size.labels > 0
)
groups = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), sizes, min_size=1)


@given(groups, st.integers(0, 3))
def test_every_group_has_one_fold(found, seed):
    """Every group has exactly one fold, whatever the order in which they are given."""
    assigned = assign_folds(found, {}, seed)
    assert assigned.keys() == found.keys()
    assert all(0 <= fold < FOLDS for fold in assigned.values())
    assert assigned == assign_folds(dict(reversed(found.items())), {}, seed)


@given(groups, st.integers(0, 3))
def test_push_offs_are_balanced(found, seed):
    """Folds differ by one group's push-offs at most, and are as many as there are such groups."""
    with_push_offs = [size.push_offs for size in found.values() if size.push_offs]
    counts = [size.push_offs for size in fold_sizes(found, assign_folds(found, {}, seed))]
    used = min(FOLDS, len(with_push_offs))
    assert all(counts[:used]) and not any(counts[used:])
    if used:
        assert max(counts) - min(counts[:used]) <= max(with_push_offs)


@given(groups, st.integers(0, 3))
def test_other_labels_are_balanced_next(found, seed):
    """Without push-offs folds differ by one group's labels at most."""
    only_others = {name: GroupSize(0, size.labels) for name, size in found.items()}
    counts = [size.labels for size in fold_sizes(found, assign_folds(only_others, {}, seed))]
    used = min(FOLDS, len(found))
    assert max(counts) - min(counts[:used]) <= max(size.labels for size in found.values())


@given(groups, groups, st.integers(0, 3))
def test_a_fold_is_kept(first, more, seed):
    """When groups are added or grow, no earlier group changes its fold."""
    before = assign_folds(first, {}, seed)
    after = assign_folds({**first, **more}, before, seed)
    assert before.items() <= after.items()


def test_groups_without_push_offs_open_further_folds():
    """Two groups with push-offs do not lock all the others in two folds for ever."""
    found = {"ana": GroupSize(2, 5), "ben": GroupSize(1, 9)}
    found |= {f"{number}": GroupSize(0, 5) for number in range(6)}
    assigned = assign_folds(found, {}, 1)
    assert (assigned["ana"], assigned["ben"]) == (1, 0)
    assert set(assigned.values()) == set(range(FOLDS))


def test_equal_groups_are_spread_by_the_seed():
    """Names do not decide: another seed gives another division."""
    found = {f"{number}": GroupSize(3, 5) for number in range(20)}
    assert assign_folds(found, {}, 1) != assign_folds(found, {}, 2)


def test_what_can_be_held_out():
    """Push-offs and other frames have to be left to train on, whichever fold is left out."""
    empty = GroupSize()
    assert can_hold_out([GroupSize(1, 1), GroupSize(1, 1), empty])
    assert not can_hold_out([GroupSize(5, 9), GroupSize(0, 9), empty])
    assert not can_hold_out([GroupSize(5, 9), GroupSize(5, 0), empty])


def test_the_largest_share():
    """Of all push-offs; all of nothing is in one fold."""
    assert largest_share([GroupSize(3, 1), GroupSize(1, 9)]) == 0.75
    assert largest_share([GroupSize(0, 1), GroupSize(0, 9)]) == 1.0
