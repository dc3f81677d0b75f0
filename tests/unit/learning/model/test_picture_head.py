"""The probability of push_off from one picture."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pushoff.learning.backbone.network import FEATURES
from pushoff.learning.model.picture_head import PictureHead

WEIGHT = np.random.default_rng(1).normal(0, 0.1, FEATURES).astype(np.float32)
PICTURES = np.random.default_rng(2).normal(0, 1, (7, FEATURES)).astype(np.float16)


@given(st.floats(-5, 5), st.floats(0.05, 8), st.floats(-5, 5))
def test_rescaled_logits_change_probabilities_and_not_their_order(bias, slope, intercept):
    """Calibration makes a head more or less certain, or every picture likelier."""
    plain = PictureHead(WEIGHT, bias)
    rescaled = plain.rescaled(slope, intercept)
    expected = slope * plain.logits(PICTURES) + intercept
    assert np.allclose(rescaled.logits(PICTURES), expected, atol=1e-4)
    p = rescaled.probabilities(PICTURES)
    assert ((0 <= p) & (p <= 1)).all()
    order = np.argsort(plain.logits(PICTURES))
    assert (np.diff(p[order]) >= 0).all()


def test_each_picture_is_judged_by_itself():
    """Alone or among others, in half precision or not; none give none."""
    head = PictureHead(WEIGHT, 0.3)
    together = head.probabilities(PICTURES)
    alone = [head.probabilities(picture[None])[0] for picture in PICTURES]
    assert np.allclose(together, alone, atol=1e-6)
    assert np.allclose(together, head.probabilities(PICTURES.astype(np.float32)), atol=1e-6)
    assert (0,) == head.probabilities(np.zeros((0, FEATURES), np.float16)).shape
