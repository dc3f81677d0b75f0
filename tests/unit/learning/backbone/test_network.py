"""Networks of the architectures we know, and the step from pixels to what they see."""

import pytest
import torch

from pushoff.errors import ModelRefused
from pushoff.learning.backbone.network import ARCHITECTURES, FEATURES, Preprocessing, create_network
from pushoff.values import Label
from tests.unit.learning.learning_samples import refused


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_network_has_a_logit_for_each_label(architecture):
    """The last layer leads from FEATURES numbers to one for each class."""
    with torch.device("meta"):
        network = create_network(architecture)
    assert (network.fc.in_features, network.fc.out_features) == (FEATURES, len(Label))


def test_an_unknown_architecture_is_refused():
    """The name is not looked up in torchvision."""
    with refused(ModelRefused, "unknown_architecture"):
        create_network("alexnet")


def test_pixels_are_normalized_by_channel():
    """The mean colour becomes 0, one standard deviation more becomes 1."""
    step = Preprocessing(32, mean=(0.2, 0.4, 0.6), std=(0.1, 0.2, 0.2))
    colours = torch.tensor([[0.2, 0.4, 0.6], [0.3, 0.6, 0.8]]) * 255
    seen = step.normalize(colours.view(2, 3, 1, 1))
    assert seen[0].flatten().tolist() == pytest.approx([0, 0, 0], abs=1e-5)
    assert seen[1].flatten().tolist() == pytest.approx([1, 1, 1], abs=1e-5)
    assert step.as_dict()["size_px"] == 32
