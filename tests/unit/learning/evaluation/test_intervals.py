"""The interval of a score, and how often its claim holds in a simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.evaluation.intervals import (
    effective_groups,
    score_interval,
    student_t,
    wilson,
)
from pushoff.learning.evaluation.metrics import average_precision, f1_score, score
from pushoff.learning.evaluation.push_off_blocks import count_found, push_off_blocks
from tests.unit.learning.evaluation.evaluation_samples import held_out

shares, errors = st.floats(0, 1), st.floats(0, 0.5)
groups = st.lists(st.integers(1, 60), min_size=2, max_size=20)


@given(shares, errors, groups)
def test_the_interval_holds_the_score_and_stays_in_range(share, error, sizes):
    """0 <= low <= score <= high <= 1."""
    interval = score_interval(share, error, sizes)
    assert 0 <= interval.low <= share <= interval.high <= 1


@given(shares, groups)
def test_it_is_never_narrower_than_so_many_outcomes_allow(share, sizes):
    """Also where the bootstrap sees no scatter at all, as when everything was right."""
    low, high = wilson(share, sum(sizes))
    interval = score_interval(share, 0.0, sizes)
    assert interval.low <= max(low, 0) + 1e-9 and interval.high >= min(high, 1) - 1e-9


@given(shares, errors, groups)
def test_one_group_says_nothing_about_others(share, error, sizes):
    """Nor do no push-offs; and two say less than twenty as large."""
    for counts in ([], [0, 0], [17]):
        interval = score_interval(share, error, counts)
        assert (0.0, 1.0) == (interval.low, interval.high)
    two, many = (score_interval(share, error, [9] * count) for count in (2, 20))
    assert two.high - two.low >= many.high - many.low - 1e-9


def test_unequal_groups_count_as_fewer():
    """Nine athletes, one of whom has nearly all push-offs, are little more than one."""
    assert effective_groups([5] * 9) == pytest.approx(9)
    assert 1 < effective_groups([60] + [1] * 8) < 1.5
    assert effective_groups([]) == 0


@pytest.mark.parametrize(
    ("degrees", "quantile"),
    [(0.5, 12.706), (1, 12.706), (1.5, 6.017), (2, 4.303), (6, 2.447), (19, 2.093), (500, 1.965)],
)
def test_students_t(degrees, quantile):
    """The table's values, and what lies between them within 3 %."""
    assert student_t(degrees) == pytest.approx(quantile, rel=0.03)


def test_wilson():
    """Wilson's interval of 8 of 10: Brown, Cai and DasGupta (2001) give 0.49 to 0.94."""
    assert wilson(0.8, 10) == pytest.approx((0.490, 0.943), abs=0.001)


def sample(rng, sizes, found, correlation, separation):
    """Videos with push-offs of which a share is found that differs by video: a beta distribution.

    Its mean is `found`, and `correlation` that of two push-offs of one video. The frames'
    probabilities are `separation` standard deviations apart, which differs by video, too.
    """
    labels, push_offs, p = {}, {}, []
    for number, size in enumerate(sizes):
        sureness = 1 / correlation - 1
        share = rng.beta(found * sureness, (1 - found) * sureness)
        own = separation + rng.normal(0, 0.5)
        labels[f"v{number}"] = {20 * i + j: int(j == 2) for i in range(size) for j in range(5)}
        push_offs[f"v{number}"] = sorted(
            {20 * i + 2 for i in range(size) if rng.random() < share}
            | {20 * i for i in range(size) if rng.random() < (1 - share) / 2}
        )
        is_push_off = np.array(list(labels[f"v{number}"].values()))
        p.append(1 / (1 + np.exp(-rng.normal(own * is_push_off - 1, 1))))
    return held_out(labels, push_offs, probabilities=np.concatenate(p))


def true_scores(frames) -> tuple[float, float]:
    """F1 within one frame and average precision, without intervals."""
    counts = count_found(frames, push_off_blocks(frames)).sum(axis=0)
    return f1_score(*counts), average_precision(frames.probabilities, frames.labels)


@pytest.mark.parametrize("count", [2, 3, 6, 20])
def test_a_fresh_sample_lies_inside(count):
    """In at least 90 % of draws of 5 to 200 push-offs: the claim of the interval, simulated.

    A fresh sample of other groups has as many push-offs, divided among its groups at random.
    """
    rng = np.random.default_rng(count)
    inside = []
    for push_offs, found, correlation, separation in [
        (push_offs, *population)
        for push_offs in [5] * 8 + [20] * 8 + [60] * 6 + [200]
        for population in [(0.95, 0.1, 3), (0.8, 0.2, 2), (0.5, 0.1, 1)]
        if push_offs >= count
    ]:
        first, second = (
            sample(
                rng,
                1 + rng.multinomial(push_offs - count, rng.dirichlet(np.ones(count))),
                found,
                correlation,
                separation,
            )
            for _ in range(2)
        )
        card = score(first)
        inside.append(
            [
                interval.low <= value <= interval.high
                for interval, value in zip(
                    (card.f1_interval, card.average_precision_interval),
                    true_scores(second),
                    strict=True,
                )
            ]
        )
    assert (np.mean(inside, axis=0) >= 0.9).all()


def test_a_claim_is_worth_something():
    """Nine athletes with 54 push-offs, nearly all found: the interval is narrower than 0.3."""
    rng = np.random.default_rng(1)
    card = score(sample(rng, [6] * 9, 0.95, 0.05, 3))
    assert card.f1_interval.high - card.f1_interval.low < 0.3
    assert card.average_precision_interval.high - card.average_precision_interval.low < 0.4
