import copy

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pushoff.errors import ModelRefused
from pushoff.learning.feature_extractor import (
    LOWER_FEATURES,
    MIRRORED,
    PLAIN,
    load_feature_extractor,
    restore_feature_extractor,
)
from pushoff.learning.network import FEATURES, create_network
from tests.unit.learning.event_samples import small_trunk
from tests.unit.learning.learning_samples import refused


@pytest.fixture(scope="module")
def trunk():
    return small_trunk()


def pictures(count=3, size=64):
    return np.random.default_rng(1).integers(0, 255, (count, size, size, 3), np.uint8)


def tensors(trunk):
    return {name: one.contiguous() for name, one in trunk.network.state_dict().items()}


def test_a_picture_is_described_the_same_alone_and_among_others(trunk):
    """512 and 256 finite numbers each, whatever else is in the batch."""
    together = trunk.extract_with_lower(pictures(), PLAIN)
    assert ((3, FEATURES + LOWER_FEATURES), np.float16) == (together.shape, together.dtype)
    assert np.isfinite(together).all()
    alone = trunk.extract_with_lower(pictures()[1:2], PLAIN)
    assert np.allclose(together[1].astype(float), alone[0].astype(float), atol=0.02, rtol=0.02)


def test_mirrored_is_how_the_mirror_image_looks(trunk):
    """The mirrored description of a picture is the plain one of its mirror image."""
    turned = np.ascontiguousarray(pictures()[:, :, ::-1])
    assert np.array_equal(
        trunk.extract_with_lower(pictures(), MIRRORED), trunk.extract_with_lower(turned, PLAIN)
    )


def test_the_first_numbers_are_the_networks_own(trunk):
    """Taking the lower part on the way changes nothing of what the whole network says."""
    seen = trunk.extract(pictures(), PLAIN)
    pixels = torch.from_numpy(np.ascontiguousarray(pictures().transpose(0, 3, 1, 2)))
    whole = copy.deepcopy(trunk.network)
    whole.fc = torch.nn.Identity()
    with torch.inference_mode():
        own = whole(trunk.preprocessing.normalize(pixels))
    assert np.allclose(own.numpy(), seen.astype(float), atol=0.02, rtol=0.02)


def test_the_lower_part_hears_of_the_feet():
    """Its numbers change with the lowest rows of a picture, hardly with the highest ones."""
    trunk, plain = small_trunk(224), pictures(1, 224)
    top, bottom = plain.copy(), plain.copy()
    top[:, :24], bottom[:, -24:] = 255, 255
    before, above, below = (
        trunk.extract_with_lower(one, PLAIN)[:, FEATURES:].astype(float)
        for one in (plain, top, bottom)
    )
    assert np.abs(below - before).mean() > 3 * np.abs(above - before).mean()


def test_describing_learns_nothing(trunk):
    """A trunk is frozen: no gradients, no running means, the same name afterwards."""
    before = trunk.fingerprint
    trunk.extract(pictures(8), PLAIN)
    assert before == trunk.fingerprint
    assert not any(one.requires_grad for one in trunk.network.parameters())


def test_another_trunk_has_another_name(trunk):
    """Weights and picture size are in the fingerprint, so no description is taken for another's."""
    assert trunk.fingerprint != small_trunk(96).fingerprint
    torch.manual_seed(4)
    state = {name: tensor for name, tensor in create_network("resnet18").state_dict().items()}
    other = restore_feature_extractor(state, "resnet18", "random", 64)
    assert trunk.fingerprint != other.fingerprint


def test_random_weights_are_the_same_ones_every_time():
    """A baseline of random weights can be measured again."""
    one, note = load_feature_extractor("resnet18", "none", 64)
    other, _ = load_feature_extractor("resnet18", "none", 64)
    assert (one.fingerprint, "random", None) == (other.fingerprint, one.initial_weights, note)


def test_weights_come_out_of_a_file(trunk, tmp_path):
    """A .safetensors file's trunk is the trunk, and its name is remembered."""
    path = tmp_path / "mine.safetensors"
    save_file(tensors(trunk), path)
    loaded, _ = load_feature_extractor("resnet18", str(path), 64)
    assert (trunk.fingerprint, "file:mine.safetensors") == (
        loaded.fingerprint,
        loaded.initial_weights,
    )


def test_a_file_of_another_network_is_refused(trunk, tmp_path):
    """Weights of a resnet18 do not pass for a resnet34's."""
    path = tmp_path / "mine.safetensors"
    save_file(tensors(trunk), path)
    with refused(ModelRefused, "wrong_architecture"):
        load_feature_extractor("resnet34", str(path), 64)


@pytest.mark.parametrize("name", ["resnet50", "", "../resnet18", "__class__"])
def test_an_architecture_we_do_not_know_is_refused(name):
    """Only resnet18 and resnet34, by name."""
    with refused(ModelRefused, "unknown_architecture"):
        load_feature_extractor(name, "none", 64)
