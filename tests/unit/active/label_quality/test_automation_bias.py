import numpy as np
import pytest

from pushoff.active.label_quality.automation_bias import Answer, automation_bias


def answers(shown_agree, blind_agree, count=400, seed=1):
    """Labels of twenty sessions; a label without the suggestion takes twice as long."""
    rng = np.random.default_rng(seed)
    return [
        Answer(
            agrees=bool(rng.random() < (shown_agree if shown else blind_agree)),
            shown=bool(shown),
            video_id=f"s{row % 20}",
            lead_time_s=float(rng.lognormal(0.7 if shown else 1.4, 0.5)),
        )
        for row, shown in enumerate(rng.random(count) < 0.7)
    ]


def test_people_who_follow_the_suggestion_are_noticed():
    """Agreement 0.95 when shown, 0.75 when blind: the interval of the difference is above 0."""
    found = automation_bias(answers(0.95, 0.75))
    assert 0.2 == pytest.approx(found.difference.value, abs=0.1)
    assert 0 < found.difference.low < found.difference.value < found.difference.high
    assert found.shown.agreement.value == pytest.approx(0.95, abs=0.05)
    assert found.blind.agreement.value == pytest.approx(0.75, abs=0.1)


def test_no_bias_is_not_made_up():
    """Of ten projects without bias at most one interval misses 0."""
    missed = 0
    for seed in range(10):
        difference = automation_bias(answers(0.9, 0.9, seed=seed)).difference
        missed += not difference.low <= 0 <= difference.high
    assert missed <= 1


def test_time_is_compared():
    """Suggestions that halve the time save about half of the median."""
    found = automation_bias(answers(0.9, 0.9))
    assert found.seconds_saved.low > 0
    assert found.shown.seconds.value == pytest.approx(np.exp(0.7), rel=0.15)


def test_few_blind_labels_give_no_number():
    """Nine blind labels say nothing; the counts are still there."""
    some = [Answer(True, row >= 9, "s", None) for row in range(60)]
    found = automation_bias(some)
    assert (51, 9) == (found.shown.labels, found.blind.labels)
    assert (None, None, None) == (found.difference, found.blind.agreement, found.seconds_saved)
    nobody = automation_bias([])
    assert (0, None) == (nobody.shown.labels, nobody.shown.agreement)
