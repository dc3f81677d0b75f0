"""Assignment of groups to splits."""

from hypothesis import given
from hypothesis import strategies as st

from pushoff.errors import TooFewLabels
from pushoff.learning.data.splits import VALIDATION_GROUPS, assign_splits
from pushoff.values import Split
from tests.unit.learning.learning_samples import refused

counts = st.tuples(st.integers(0, 50), st.integers(0, 50)).filter(sum)


groups = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), counts, min_size=2)


@given(groups, st.integers(0, 3))
def test_every_group_has_one_split_and_both_sides_exist(found, seed):
    """Every group lands in exactly one split, and there is something to train on and to judge."""
    given_ = assign_splits(found, {}, seed)
    assert given_.keys() == found.keys()
    assert {Split.TRAIN, Split.TEST} <= set(given_.values())
    assert (Split.VAL in given_.values()) == (len(found) >= VALIDATION_GROUPS)
    assert given_ == assign_splits(dict(reversed(found.items())), {}, seed)


@given(groups, groups, st.integers(0, 3))
def test_held_out_stays_held_out(first, more, seed):
    """However many groups come later, none that was trained on is held out, and none moves."""
    before = assign_splits(first, {}, seed)
    after = assign_splits({**more, **first}, before, seed)
    assert {name: after[name] for name in before} == before


@given(groups, st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.sampled_from(Split)))
def test_any_history_still_leaves_two_sides(found, previous):
    """Even when earlier groups were deleted, there is something to train on and to judge."""
    given_ = assign_splits(found, previous, 1)
    assert {Split.TRAIN, Split.TEST} <= set(given_.values())


def test_one_group_cannot_be_split_by_group():
    """A single athlete is refused here, with the number needed."""
    with refused(TooFewLabels, "one_group"):
        assign_splits({"ana": (5, 5)}, {}, 1)
