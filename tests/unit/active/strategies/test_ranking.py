"""Rankings made from scores, and merged."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pushoff.active.strategies.ranking import ranked, round_robin

SCORES = st.lists(st.floats(0, 1), min_size=1, max_size=20)


@given(SCORES, st.integers(0, 5), st.randoms(use_true_random=False))
def test_chosen_rows_come_first_and_the_others_by_score(scores, count, random):
    """Each row once: the chosen in their order, then the others with falling scores."""
    chosen = random.sample(range(len(scores)), min(count, len(scores)))
    ranking = ranked(np.array(scores), np.array(chosen, int), "rest", "chosen")
    rows = ranking.rows.tolist()
    assert rows[: len(chosen)] == chosen and sorted(rows) == list(range(len(scores)))
    rest = [scores[row] for row in rows[len(chosen) :]]
    assert rest == sorted(rest, reverse=True)
    assert {row for row, reason in enumerate(ranking.reasons) if reason == "chosen"} == set(chosen)


def test_each_chosen_row_may_have_its_own_reason():
    """A mapping of reasons names rows, not positions."""
    ranking = ranked(np.zeros(3), np.array([2, 0]), "rest", {2: "two", 0: "zero"})
    assert ranking.reasons == ("zero", "rest", "two")


def test_round_robin_takes_shares_in_turn_and_no_row_twice():
    """Two rankings of three to one: of four rows three are the first ranking's."""
    first = ranked(np.arange(8)[::-1], reason_rest="first")  # 0, 1, 2, ...
    second = ranked(np.arange(8), reason_rest="second")  # 7, 6, 5, ...
    merged = round_robin([(first, 0.75), (second, 0.25)], 4)
    assert set(merged.rows[:4].tolist()) == {0, 1, 2, 7}
    assert merged.rows[4:].tolist() == [6, 5, 4, 3]
    assert merged.reasons[0] == "first" and merged.reasons[7] == "second"
