"""The probability of push_off from one picture."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.model.picture_head import PictureHead

WEIGHT = np.random.default_rng(1).normal(0, 0.1, FEATURES).astype(np.float32)
PICTURES = np.random.default_rng(2).normal(0, 1, (7, FEATURES)).astype(np.float16)


@given(st.floats(-5, 5), st.floats(0.25, 8))
def test_a_temperature_changes_certainty_and_not_the_order(bias, temperature):
    """Probabilities keep their side of 0.5 and their order."""
    plain = PictureHead(WEIGHT, bias).probabilities(PICTURES)
    warm = PictureHead(WEIGHT, bias, temperature).probabilities(PICTURES)
    assert ((0 <= warm) & (warm <= 1)).all()
    assert np.array_equal(np.argsort(plain), np.argsort(warm))
    assert np.array_equal(plain > 0.5, warm > 0.5)


def test_each_picture_is_judged_by_itself():
    """Alone or among others, in half precision or not; none give none."""
    head = PictureHead(WEIGHT, 0.3)
    together = head.probabilities(PICTURES)
    alone = [head.probabilities(picture[None])[0] for picture in PICTURES]
    assert np.allclose(together, alone, atol=1e-6)
    assert np.allclose(together, head.probabilities(PICTURES.astype(np.float32)), atol=1e-6)
    assert (0,) == head.probabilities(np.zeros((0, FEATURES), np.float16)).shape
