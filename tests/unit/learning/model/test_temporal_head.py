import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pushoff.learning.features.video_features import VIEWS
from pushoff.learning.model.temporal_head import (
    MAX_COMPONENTS,
    OUTPUTS,
    HeadShape,
    TemporalHead,
    head_shape,
)

SHAPE = HeadShape(inputs=6, components=4, width=8, dilations=(1, 2))
quick = settings(max_examples=25, deadline=None)


def head(seed=1):
    torch.manual_seed(seed)
    return TemporalHead(SHAPE).eval()


@pytest.mark.parametrize("count", [1, 2, 3, 50])
def test_every_frame_gets_its_logits(count):
    """Also in videos shorter than the head's reach."""
    logits = head()(torch.randn(2, count, 6))
    assert (2, count, len(OUTPUTS)) == tuple(logits.shape)
    assert torch.isfinite(logits).all()


@quick
@given(
    count=st.integers(1, 40),
    frame=st.integers(0, 39),
    seed=st.integers(0, 99),
)
def test_a_frame_influences_its_reach_only(count, frame, seed):
    """Changing one frame changes no logit farther away than the sum of the dilations."""
    frame, reach = frame % count, sum(SHAPE.dilations)
    features = torch.randn(1, count, 6, generator=torch.Generator().manual_seed(seed))
    changed = features.clone()
    changed[0, frame] += 5
    with torch.no_grad():
        moved = (head()(features) - head()(changed)).abs().amax(dim=2)[0] > 1e-6
    touched = torch.nonzero(moved).flatten().tolist()
    assert frame in touched
    assert all(abs(one - frame) <= reach for one in touched)


@quick
@given(later=st.integers(0, 20), seed=st.integers(0, 99))
def test_a_shifted_video_has_shifted_logits(later, seed):
    """Away from the ends the logits do not depend on where a video begins."""
    reach = sum(SHAPE.dilations)
    video = torch.randn(1, 60, 6, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        whole, part = head()(video), head()(video[:, later:])
    inner = slice(later + reach, 60 - reach)
    assert torch.allclose(whole[:, inner], part[:, reach : part.shape[1] - reach], atol=1e-5)


def test_dropout_is_active_only_in_training():
    """In evaluation the logits are always the same; in training they differ."""
    one, features = head(), torch.ones(1, 9, 6)
    with torch.no_grad():
        assert torch.equal(one(features), one(features))
        one.train()
        assert not torch.equal(one(features), one(features))


def test_the_projection_is_part_of_the_weights():
    """Mean and principal components of the training features are in the state dict."""
    one = head()
    one.mean.fill_(2.0)
    one.projection.copy_(torch.randn(6, 4))
    other = head(seed=2)
    other.load_state_dict(one.state_dict())
    features = torch.randn(1, 5, 6)
    with torch.no_grad():
        assert torch.equal(one(features), other(features))
        projected = (features - 2.0) @ one.projection
        assert torch.allclose(one.forward_projected(projected), other(features), atol=1e-5)
    assert not one.projection.requires_grad


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_of_few_features_gets_a_narrow_head(view):
    """Wider heads would learn the training videos by heart."""
    shape = head_shape(view, 64, (1, 2))
    assert shape.inputs == VIEWS[view]
    assert shape.components == min(MAX_COMPONENTS, shape.inputs)
    assert shape.width == min(64, 6 * shape.inputs)
    with torch.device("meta"):
        assert TemporalHead(shape).input.weight.shape == (shape.width, shape.components)
