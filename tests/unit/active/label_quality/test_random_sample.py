import numpy as np

from pushoff.active.label_quality.random_sample import push_off_rate


def test_the_share_of_a_fair_sample_has_its_interval():
    """Of random picks the share of push-offs is told with how far it can be trusted."""
    rng = np.random.default_rng(1)
    said = rng.random(200) < 0.2
    found = push_off_rate(list(said), [f"s{k % 8}" for k in range(200)])
    assert found.value == said.mean()
    assert found.low < 0.2 < found.high


def test_a_handful_says_nothing():
    """Nine labels are no estimate."""
    assert push_off_rate([True] * 9, ["s"] * 9) is None
