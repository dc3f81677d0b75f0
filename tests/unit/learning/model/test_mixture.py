"""The mixture of pose rules and temporal heads."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.model.mixture import MOST, mix, weight_of_rules
from pushoff.learning.model.rule_logits import CONTACT, OUTPUTS, PUSH_OFF, rule_logits
from tests.unit.learning.event_samples import known, video_of

weights = st.floats(0, 1)
frames = st.lists(st.integers(0, 300), unique=True, max_size=8).map(sorted)


@pytest.mark.parametrize("step", [1, 8])
def test_rules_locate_and_heads_choose_the_frame(step):
    """Heads that prefer the frame beside a push-off of the rules move it by 1/30 s, no farther."""
    truth = known(4, step)
    rules = rule_logits(video_of(truth, posed=True))
    heads = np.zeros_like(rules)
    for end in truth.push_off_frames:
        heads[end - 2 * step + 1 : end - step + 1, PUSH_OFF] = 2.0
        heads[end - 4 * step + 1 : end - 3 * step + 1, PUSH_OFF] = 2.0
    mixed = mix(heads, rules, 0.5, step)[:, PUSH_OFF]
    for end in truth.push_off_frames:
        window = slice(end - 4 * step, end + 2 * step)
        assert window.start + mixed[window].argmax() == end - 2 * step + 1


@given(weight=weights, step=st.sampled_from([1, 4, 8]))
def test_the_share_is_the_weight(weight, step):
    """0 leaves the heads alone, 1 keeps the rules' push-offs, and nothing is said of feet."""
    truth = known(3, step)
    rules = rule_logits(video_of(truth, posed=True))
    heads = np.random.default_rng(1).normal(size=rules.shape)
    mixed = mix(heads, rules, weight, step)
    others = [column for column in range(OUTPUTS) if column not in (PUSH_OFF, CONTACT)]
    assert np.array_equal(mixed[:, others], heads[:, others])
    assert np.array_equal(mix(heads, rules, 0.0, step), heads)
    assert np.allclose(
        mixed[:, CONTACT], (1 - weight) * heads[:, CONTACT] + weight * rules[:, CONTACT]
    )
    alone = mix(heads, rules, 1.0, step)[:, PUSH_OFF]
    assert np.flatnonzero(alone == alone.max()).tolist() == [
        frame for end in truth.push_off_frames for frame in range(end - step + 1, end + 1)
    ]


@given(least=weights, heads=frames, rules=frames, tolerance=st.integers(0, 8))
def test_rules_never_count_less_than_they_should(least, heads, rules, tolerance):
    """The weight is between the least and the most, and the least where both find the same."""
    weight = weight_of_rules(least, heads, rules, tolerance)
    assert least <= weight <= max(least, MOST)
    assert weight == weight_of_rules(least, rules, heads, tolerance)
    if rules:
        assert weight_of_rules(least, rules, rules, tolerance) == least


@given(shared=st.integers(0, 10), missed=st.integers(0, 10))
def test_the_less_they_have_in_common_the_more_rules_count(shared, missed):
    """One more push-off that the heads miss never lowers the rules' weight."""
    rules = list(range(0, 10 * (shared + missed + 1), 10))
    found = rules[:shared]
    weight, more = (weight_of_rules(0.5, found, rules[:count], 1) for count in (-1, len(rules)))
    assert weight <= more
    assert weight_of_rules(0.5, [], rules, 1) == MOST
