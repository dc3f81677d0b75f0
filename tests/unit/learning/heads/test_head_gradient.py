"""The gradient of a head's loss against autograd's."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from pushoff.learning.heads.head_gradient import HeadGradient
from pushoff.learning.model.temporal_head import HeadShape, TemporalHead

quick = settings(max_examples=25, deadline=None)


def randomized(shape, seed):
    """A head of which every parameter is random, those of the norms as well."""
    torch.manual_seed(seed)
    head = TemporalHead(shape, input_dropout=0.0, hidden_dropout=0.0)
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape))
    return head


def by_rows(tensor):
    """(B, T, C) in the order of a HeadGradient: frame by frame."""
    return tensor.transpose(0, 1).reshape(-1, tensor.shape[2])


@quick
@given(
    frames=st.integers(1, 12),
    batch=st.integers(1, 4),
    width=st.integers(1, 9),
    dilations=st.lists(st.sampled_from([1, 2, 4, 8]), min_size=1, max_size=3),
    seed=st.integers(0, 99),
)
def test_the_gradient_is_that_of_autograd(frames, batch, width, dilations, seed):
    """Of every parameter, also where windows are shorter than a dilation."""
    head = randomized(HeadShape(5, 3, width, tuple(dilations)), seed)
    inputs, targets = torch.randn(batch, frames, 3), torch.rand(batch, frames, 4)
    weights = torch.rand(batch, frames, 4) * (torch.rand(batch, frames, 4) > 0.3)
    logits = head.forward_projected(inputs)
    functional.binary_cross_entropy_with_logits(
        logits, targets, weights, reduction="sum"
    ).backward()
    expected = torch.cat([parameter.grad.flatten() for parameter in head.parameters()])
    gradient = HeadGradient(head, frames, batch)
    with torch.no_grad():
        for _ in range(2):  # the buffers are used again
            gradient.compute(
                by_rows(inputs),
                [torch.ones(batch, width)] * len(dilations),
                by_rows(targets),
                by_rows(weights),
            )
            assert torch.allclose(gradient.gradient, expected, rtol=1e-3, atol=1e-4)


def test_dropped_channels_teach_nothing():
    """A channel that is dropped in every window of the only layer leaves its weights alone."""
    head = randomized(HeadShape(5, 3, 4, (1,)), 1)
    kept = torch.ones(2, 4)
    kept[:, 2] = 0
    gradient = HeadGradient(head, 6, 2)
    with torch.no_grad():
        gradient.compute(torch.randn(12, 3), [kept], torch.ones(12, 4), torch.ones(12, 4))
    sizes = [parameter.numel() for parameter in head.parameters()]
    named = zip(dict(head.named_parameters()), gradient.gradient.split(sizes), strict=True)
    weights = dict(named)["layers.0.weight"].view(4, -1)
    assert not weights[2].any() and weights[[0, 1, 3]].all()


def test_the_parameters_are_those_of_the_head():
    """Read from it at first, and copied into one at the end; in between it keeps its own."""
    shape = HeadShape(5, 3, 4, (1, 2))
    head, other = randomized(shape, 1), randomized(shape, 2)
    gradient = HeadGradient(head, 4, 1)
    whole = torch.cat([parameter.detach().flatten() for parameter in head.parameters()])
    assert torch.equal(whole, gradient.parameters)
    gradient.parameters.add_(1)
    gradient.copy_into(other)
    pairs = zip(head.parameters(), other.parameters(), strict=True)
    assert all(torch.equal(one + 1, two) for one, two in pairs)
