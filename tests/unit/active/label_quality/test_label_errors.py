import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.active.label_quality.label_errors import out_of_fold, suspected_errors
from pushoff.errors import TooFewLabels
from pushoff.values import Label


def separable(seed, count=240, athletes=6, apart=4.0, push_offs=0.3):
    """Features of two classes that a plane divides, with every athlete a little elsewhere."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < push_offs).astype(int)
    athlete = rng.integers(0, athletes, count)
    features = rng.normal(size=(count, 16)) + rng.normal(size=(athletes, 16))[athlete] * 0.5
    features[:, 0] += apart * labels
    return features, labels, [f"a{one}" for one in athlete]


def planted(labels, share, seed):
    """Labels of which a share is turned round, and which those are."""
    wrong = np.random.default_rng(seed + 99).random(len(labels)) < share
    return np.where(wrong, 1 - labels, labels), set(np.flatnonzero(wrong).tolist())


def test_planted_errors_are_found():
    """Where classes can be told apart most planted errors are listed, and little else is."""
    found = right = there = 0
    for seed in range(8):
        features, labels, athletes = separable(seed, apart=7.0)
        told, wrong = planted(labels, 0.05, seed)
        rows = {one.row for one in suspected_errors(features, told, athletes, athletes)}
        found, right, there = found + len(rows), right + len(rows & wrong), there + len(wrong)
    assert right >= 0.7 * there
    assert right >= 0.9 * found


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_right_labels_are_left_in_peace(seed):
    """Where nothing is wrong and all is clear, nearly nothing is listed."""
    features, labels, athletes = separable(seed, apart=7.0)
    assert len(suspected_errors(features, labels, athletes, athletes)) <= 0.03 * len(labels)


def test_a_suspect_says_what_and_why():
    """The other label, its probability and a reason without a name."""
    features, labels, athletes = separable(3)
    labels[7] = 1 - labels[7]
    [one] = [each for each in suspected_errors(features, labels, athletes, athletes)
             if each.row == 7]  # fmt: skip
    assert (Label(int(labels[7])), Label(int(1 - labels[7]))) == (one.label, one.other)
    assert 0.5 < one.probability <= 1
    assert one.label.choice in one.reason and one.other.choice in one.reason
    assert not any(name in one.reason for name in athletes)


def test_nobody_is_judged_by_themselves():
    """A frame's probability does not change with the labels of its own athlete."""
    features, labels, athletes = separable(5, count=80, athletes=2)
    own = np.array([one == "a0" for one in athletes])
    before = out_of_fold(features, labels, athletes, 1)
    turned = np.where(own, 1 - labels, labels)
    after = out_of_fold(features, turned, athletes, 1)
    assert np.allclose(before[:, own], after[:, own])


def test_the_same_labels_give_the_same_suspects():
    """Run twice, the list is the same."""
    features, labels, athletes = separable(4)
    told, _ = planted(labels, 0.1, 4)
    assert suspected_errors(features, told, athletes, athletes) == suspected_errors(
        features, told, athletes, athletes
    )


@pytest.mark.parametrize(
    ("labels", "groups"), [([0] * 20, ["a", "b"] * 10), ([0, 1] * 10, ["a"] * 20), ([], [])]
)
def test_too_little_to_check_one_by_the_other(labels, groups):
    """One class, one athlete with one session, or nothing at all is refused in words."""
    features = np.zeros((len(labels), 4))
    with pytest.raises(TooFewLabels, match="two of each"):
        suspected_errors(features, np.array(labels, int), groups, groups)


def test_one_athlete_is_checked_session_by_session():
    """With one athlete the sessions are kept together instead."""
    features, labels, video_ids = separable(6, apart=7.0)
    told, wrong = planted(labels, 0.05, 6)
    found = {one.row for one in suspected_errors(features, told, ["ana"] * len(told), video_ids)}
    assert len(wrong & found) >= 0.5 * len(wrong)
