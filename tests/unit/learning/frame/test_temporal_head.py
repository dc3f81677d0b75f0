"""The temporal head of a frame model, as it is stored beside the weights."""

import numpy as np
import pytest
import torch

from pushoff.errors import ModelRefused
from pushoff.learning.frame.temporal_head import (
    OFFSETS_S,
    OWN_OFFSET,
    TemporalHeadWeights,
    pop_temporal_head,
)
from pushoff.learning.network import FEATURES
from tests.unit.learning.learning_samples import card

COUNT = len(OFFSETS_S)


def head() -> TemporalHeadWeights:
    weight = np.random.default_rng(1).normal(size=(COUNT, FEATURES)).astype(np.float32)
    return TemporalHeadWeights(OFFSETS_S, weight, -0.5)


def test_the_logit_is_linear_in_the_features_of_all_frames():
    """The sum over frames and features of weight times feature, plus the bias."""
    features = np.random.default_rng(2).normal(size=(3, COUNT, FEATURES))
    direct = (features * head().weight).sum(axis=(1, 2)) - 0.5
    assert head().logits(features) == pytest.approx(direct, abs=1e-3)
    assert OFFSETS_S[OWN_OFFSET] == 0.0


def test_no_frame_has_no_logit():
    """Where no frame has known neighbours, as among pictures uploaded by hand."""
    nothing = np.zeros((0, COUNT, FEATURES), np.float16)
    assert head().logits(nothing).shape == (0,)


def test_a_saved_head_is_removed_from_the_tensors():
    """The other tensors stay for the network."""
    tensors = {**head().tensors(), "conv1.weight": torch.zeros(1)}
    popped = pop_temporal_head(tensors, card(offsets_s=OFFSETS_S))
    assert list(tensors) == ["conv1.weight"]
    assert np.array_equal(popped.weight, head().weight) and popped.bias == -0.5
    assert pop_temporal_head(tensors, card()) is None


@pytest.mark.parametrize(
    ("offsets_s", "change"),
    [
        ((), {}),
        (OFFSETS_S[:2], {}),
        (OFFSETS_S, {"temporal.bias": None}),
        (OFFSETS_S, {"temporal.weight": torch.zeros(COUNT, 9)}),
        (OFFSETS_S, {"temporal.weight": torch.full((COUNT, FEATURES), torch.nan)}),
        (OFFSETS_S, {"temporal.bias": torch.zeros(2)}),
        ((1.0, 2.0, 3.0, 4.0, 5.0), {}),
    ],
)
def test_a_head_that_disagrees_with_the_card_is_refused(offsets_s, change):
    """Missing, of another shape, not finite, or blind to the frame itself."""
    tensors = {name: t for name, t in {**head().tensors(), **change}.items() if t is not None}
    with pytest.raises(ModelRefused):
        pop_temporal_head(tensors, card(offsets_s=offsets_s))
