"""The training loss."""

import pytest
import torch
from torch.nn import functional

from pushoff.learning.backbone.lightning_module import LABEL_SMOOTHING, weighted_loss


def test_a_label_of_weight_0_does_not_count():
    """The loss ignores labels of weight 0; with equal weights it is torch's own class-weighted
    mean."""
    logits = torch.randn(8, 2, generator=torch.Generator().manual_seed(1))
    labels, classes = torch.tensor([0, 1] * 4), torch.tensor([0.7, 1.9])
    flipped = torch.tensor([1, 1, *[0, 1] * 3])
    ones, some = torch.ones(8), torch.tensor([0.0, *[1.0] * 7])
    torch_says = functional.cross_entropy(logits, labels, classes, label_smoothing=LABEL_SMOOTHING)
    assert weighted_loss(logits, labels, ones, classes) == pytest.approx(float(torch_says))
    assert weighted_loss(logits, labels, some, classes) == pytest.approx(
        float(weighted_loss(logits, flipped, some, classes))
    )
