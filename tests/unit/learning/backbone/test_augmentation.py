"""Random changes of training crops."""

import torch

from pushoff.learning.backbone.augmentation import augment


def test_augmentation_keeps_shape_and_is_repeatable():
    """The same seed gives the same images, in range, of the requested size."""
    pixels = torch.randint(0, 256, (5, 3, 40, 40), dtype=torch.uint8)
    one, two = (augment(pixels, 32, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one, two) and one.shape == (5, 3, 32, 32)
    assert one.min() >= 0 and one.max() <= 255
