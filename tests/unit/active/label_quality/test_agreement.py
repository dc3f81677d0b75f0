import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from pushoff.active.label_quality.agreement import agreement, cohen_kappa, krippendorff_alpha

labels = st.lists(st.integers(0, 1), min_size=5, max_size=40)


def alpha_of(*words):
    """Alpha of tasks, each a list of its labels."""
    kinds = np.array([(len(said), sum(said)) for said in words])
    return krippendorff_alpha(kinds, np.ones(len(words)))


def test_alpha_of_krippendorffs_own_example():
    """Two observers, ten units, binary: 0.095, as in "Computing Krippendorff's Alpha" (2011)."""
    first = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    second = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    assert 0.095 == pytest.approx(alpha_of(*zip(first, second, strict=True)), abs=5e-4)


def test_alpha_where_some_saw_only_some():
    """Three people, one label missing, one task with one label only: worked out by hand.

    Seven pairable labels, 4 ones and 3 zeros. Observed disagreement 2/7 (one of three in the first
    task), expected 2·4·3/(7·6) = 4/7: alpha = 1 - 1/2.
    """
    assert 0.5 == pytest.approx(alpha_of([1, 1, 0], [1, 1], [0, 0], [1]))


@given(st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=4), min_size=2, max_size=20))
def test_alpha_does_not_know_names(words):
    """Calling push_off not_push_off and the other way round changes nothing, and 1 is the most."""
    value, swapped = alpha_of(*words), alpha_of(*[[1 - one for one in said] for said in words])
    assert np.isnan(value) == np.isnan(swapped)
    assert np.isnan(value) or (value == pytest.approx(swapped) and value <= 1)


@given(labels, st.integers(0, 2**32 - 1))
def test_kappa_is_scikit_learns(first, seed):
    """Kappa from counts equals scikit-learn's from labels."""
    second = np.random.default_rng(seed).integers(0, 2, len(first))
    counts = np.bincount(2 * np.array(first) + second, minlength=4).astype(float)
    value = cohen_kappa(counts)
    if not np.isnan(value):
        assert value == pytest.approx(cohen_kappa_score(first, second))


def test_everybody_is_compared_on_what_both_have_seen():
    """Pairs with too few tasks in common are left out; alpha takes all that two have seen."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 60)
    words = [{1: int(one)} for one in truth]
    for row in range(40):
        words[row][2] = int(truth[row] if row % 8 else 1 - truth[row])
    words[50][3] = int(truth[50])
    found = agreement(words, [f"s{row // 10}" for row in range(60)])
    assert (3, 41) == (found.annotators, found.shared_tasks)
    [pair] = found.pairs
    assert ((1, 2), 40, 35 / 40) == (pair.annotators, pair.tasks, pair.share)
    for one in (pair.kappa, found.alpha):
        assert -1 <= one.low < one.value < one.high <= 1
    assert pair.kappa.value == pytest.approx(
        cohen_kappa_score([w[1] for w in words[:40]], [w[2] for w in words[:40]])
    )


def test_too_few_shared_tasks_give_no_number():
    """Four tasks of two people say nothing, and agreement without any variety is no agreement."""
    few = agreement([{1: 1, 2: 0}] * 4, ["s"] * 4)
    assert (None, ()) == (few.alpha, few.pairs)
    same = agreement([{1: 1, 2: 1}] * 20, ["s"] * 20)
    assert (None, None, 1.0) == (same.alpha, same.pairs[0].kappa, same.pairs[0].share)


def test_full_agreement_claims_no_certainty():
    """Where the draws never differ there is no interval to give."""
    words = [{1: row % 2, 2: row % 2} for row in range(20)]
    alpha = agreement(words, [f"s{row % 4}" for row in range(20)]).alpha
    assert (1.0, None, None) == (alpha.value, alpha.low, alpha.high)
