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
def test_every_group_has_one_split(found, seed):
    """Every group has exactly one split; training and test have at least one group."""
    given_ = assign_splits(found, {}, seed)
    assert given_.keys() == found.keys()
    assert {Split.TRAIN, Split.TEST} <= set(given_.values())
    assert (Split.VAL in given_.values()) == (len(found) >= VALIDATION_GROUPS)
    assert given_ == assign_splits(dict(reversed(found.items())), {}, seed)


@given(groups, groups, st.integers(0, 3))
def test_held_out_stays_held_out(first, more, seed):
    """When groups are added, no earlier group changes its split."""
    before = assign_splits(first, {}, seed)
    after = assign_splits({**more, **first}, before, seed)
    assert {name: after[name] for name in before} == before


@given(groups, st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.sampled_from(Split)))
def test_train_and_test_exist_after_deletions(found, previous):
    """When earlier groups were deleted, training and test still have a group each."""
    given_ = assign_splits(found, previous, 1)
    assert {Split.TRAIN, Split.TEST} <= set(given_.values())


def test_one_group_cannot_be_split_by_group():
    """A single athlete is refused."""
    with refused(TooFewLabels, "one_group"):
        assign_splits({"ana": (5, 5)}, {}, 1)
