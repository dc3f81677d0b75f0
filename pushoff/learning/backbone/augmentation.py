"""Random changes of training crops: mirrored, shifted, zoomed, rotated, other light, noise."""

import math

import torch
from torch.nn import functional

SHIFT = 0.05
"""Largest shift, as a share of the side: as uncertain as the athlete's box."""
ZOOM = 0.08
ROTATION_DEG = 3.0
LIGHT = 0.2
"""Largest change of brightness, contrast and saturation, as a share."""
GREY_PROBABILITY = 0.1
NOISE = 4.0
"""Largest standard deviation of noise, on the scale of 0 to 255."""


def augment(pixels: torch.Tensor, size_px: int, generator: torch.Generator) -> torch.Tensor:
    """(N, 3, S, S) uint8 RGB to (N, 3, size, size) float 0..255, each image changed at random.

    Mirroring keeps the label: a push-off to the left is a push-off. `generator` is on the CPU, so
    that the same seed gives the same images on every device.
    """
    count, device = len(pixels), pixels.device
    per_image = (count, 1, 1, 1)

    def uniform(*shape: int) -> torch.Tensor:
        """Random numbers from -1 to 1."""
        return (torch.rand(*shape, generator=generator) * 2 - 1).to(device)

    zoom = 1 + ZOOM * uniform(count)
    angle = math.radians(ROTATION_DEG) * uniform(count)
    mirror = torch.where(uniform(count) > 0, 1.0, -1.0)
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    matrix = torch.stack(  # (N, 2, 3)
        [
            torch.stack([mirror * cos, -sin, 2 * SHIFT * uniform(count)], dim=1),
            torch.stack([mirror * sin, cos, 2 * SHIFT * uniform(count)], dim=1),
        ],
        dim=1,
    )
    source = pixels.float()
    if size_px < pixels.shape[-1]:
        source = functional.interpolate(
            source, (size_px, size_px), mode="bilinear", antialias=True, align_corners=False
        )
    grid = functional.affine_grid(matrix, [count, 3, size_px, size_px], align_corners=False)
    moved = functional.grid_sample(source, grid, padding_mode="border", align_corners=False)
    mean = moved.mean(dim=(1, 2, 3), keepdim=True)
    lit = mean * (1 + LIGHT * uniform(*per_image))
    lit = lit + (moved - mean) * (1 + LIGHT * uniform(*per_image))
    grey = lit.mean(dim=1, keepdim=True)
    is_grey = uniform(*per_image) > 1 - 2 * GREY_PROBABILITY
    saturation = torch.where(
        is_grey, torch.zeros(per_image, device=device), 1 + uniform(*per_image)
    )
    coloured = grey + (lit - grey) * saturation.clamp(0, 1.5)
    strength = NOISE * uniform(*per_image).clamp(min=0)
    noise = torch.randn(coloured.shape, generator=generator).to(device)
    return (coloured + strength * noise).clamp(0, 255)
