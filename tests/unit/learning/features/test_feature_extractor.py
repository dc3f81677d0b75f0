import copy

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from pushoff.errors import ModelRefused
from pushoff.learning.backbone.network import FEATURES, create_network
from pushoff.learning.features.feature_extractor import (
    LOWER_FEATURES,
    MIRRORED,
    PLAIN,
    load_feature_extractor,
    restore_feature_extractor,
)
from tests.unit.learning.event_samples import small_extractor
from tests.unit.learning.learning_samples import refused


@pytest.fixture(scope="module")
def extractor():
    return small_extractor()


def pictures(count=3, size=64):
    return np.random.default_rng(1).integers(0, 255, (count, size, size, 3), np.uint8)


def tensors(extractor):
    return {name: one.contiguous() for name, one in extractor.network.state_dict().items()}


def test_features_do_not_depend_on_the_batch(extractor):
    """512 and 256 finite features each, alone and in a batch."""
    together = extractor.extract_with_lower(pictures(), PLAIN)
    assert ((3, FEATURES + LOWER_FEATURES), np.float16) == (together.shape, together.dtype)
    assert np.isfinite(together).all()
    alone = extractor.extract_with_lower(pictures()[1:2], PLAIN)
    assert np.allclose(together[1].astype(float), alone[0].astype(float), atol=0.02, rtol=0.02)


def test_mirrored_features_are_those_of_the_mirror_image(extractor):
    """The augmentation equals extracting from a mirrored image."""
    turned = np.ascontiguousarray(pictures()[:, :, ::-1])
    assert np.array_equal(
        extractor.extract_with_lower(pictures(), MIRRORED),
        extractor.extract_with_lower(turned, PLAIN),
    )


def test_the_first_features_are_the_networks_own(extractor):
    """Extracting the lower part does not change the network's own features."""
    seen = extractor.extract(pictures(), PLAIN)
    pixels = torch.from_numpy(np.ascontiguousarray(pictures().transpose(0, 3, 1, 2)))
    whole = copy.deepcopy(extractor.network)
    whole.fc = torch.nn.Identity()
    with torch.inference_mode():
        own = whole(extractor.preprocessing.normalize(pixels))
    assert np.allclose(own.numpy(), seen.astype(float), atol=0.02, rtol=0.02)


def test_the_lower_part_depends_on_the_feet():
    """Its features change with the lowest rows of an image, hardly with the highest ones."""
    extractor, plain = small_extractor(224), pictures(1, 224)
    top, bottom = plain.copy(), plain.copy()
    top[:, :24], bottom[:, -24:] = 255, 255
    before, above, below = (
        extractor.extract_with_lower(one, PLAIN)[:, FEATURES:].astype(float)
        for one in (plain, top, bottom)
    )
    assert np.abs(below - before).mean() > 3 * np.abs(above - before).mean()


def test_extracting_changes_no_weight(extractor):
    """The network is frozen: no gradients, no running means, the same fingerprint afterwards."""
    before = extractor.fingerprint
    extractor.extract(pictures(8), PLAIN)
    assert before == extractor.fingerprint
    assert not any(one.requires_grad for one in extractor.network.parameters())


def test_other_weights_have_another_fingerprint(extractor):
    """Weights and image size are in the fingerprint."""
    assert extractor.fingerprint != small_extractor(96).fingerprint
    torch.manual_seed(4)
    state = {name: tensor for name, tensor in create_network("resnet18").state_dict().items()}
    other = restore_feature_extractor(state, "resnet18", "random", 64)
    assert extractor.fingerprint != other.fingerprint


def test_random_weights_are_the_same_ones_every_time():
    """A baseline of random weights is reproducible."""
    one, note = load_feature_extractor("resnet18", "none", 64)
    other, _ = load_feature_extractor("resnet18", "none", 64)
    assert (one.fingerprint, "random", None) == (other.fingerprint, one.initial_weights, note)


def test_weights_are_loaded_from_a_file(extractor, tmp_path):
    """The extractor is the saved one, and the file's name is stored."""
    path = tmp_path / "mine.safetensors"
    save_file(tensors(extractor), path)
    loaded, _ = load_feature_extractor("resnet18", str(path), 64)
    assert (extractor.fingerprint, "file:mine.safetensors") == (
        loaded.fingerprint,
        loaded.initial_weights,
    )


def test_a_file_of_another_architecture_is_refused(extractor, tmp_path):
    """Weights of a resnet18 are not loaded into a resnet34."""
    path = tmp_path / "mine.safetensors"
    save_file(tensors(extractor), path)
    with refused(ModelRefused, "wrong_architecture"):
        load_feature_extractor("resnet34", str(path), 64)


@pytest.mark.parametrize("name", ["resnet50", "", "../resnet18", "__class__"])
def test_an_unknown_architecture_is_refused(name):
    """Only resnet18 and resnet34, by name."""
    with refused(ModelRefused, "unknown_architecture"):
        load_feature_extractor(name, "none", 64)
