"""What a training crop may look like on another day: mirrored, shifted, brighter, softer."""

import math

import torch
from torch.nn import functional

SHIFT = 0.05
"""Largest shift, as a share of the side: the athlete's box is that unsure."""
ZOOM = 0.08
TURN_DEG = 3.0
LIGHT = 0.2
"""Largest change of brightness, contrast and saturation, as a share."""


def augment(pixels: torch.Tensor, size_px: int, generator: torch.Generator) -> torch.Tensor:
    """(N, 3, S, S) uint8 RGB to (N, 3, size, size) float 0..255, each picture changed by chance.

    Mirroring keeps the label: a push-off to the left is a push-off. `generator` lives on the CPU,
    so that the same seed gives the same pictures on every device.
    """
    count = len(pixels)
    device = pixels.device

    def chance(*shape: int) -> torch.Tensor:
        """Uniform in -1..1."""
        return (torch.rand(*shape, generator=generator) * 2 - 1).to(device)

    zoom = 1 + ZOOM * chance(count)
    angle = math.radians(TURN_DEG) * chance(count)
    mirror = torch.where(chance(count) > 0, 1.0, -1.0)
    cos, sin = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    matrix = torch.stack(  # (N, 2, 3)
        [
            torch.stack([mirror * cos, -sin, 2 * SHIFT * chance(count)], dim=1),
            torch.stack([mirror * sin, cos, 2 * SHIFT * chance(count)], dim=1),
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
    one = (count, 1, 1, 1)
    mean = moved.mean(dim=(1, 2, 3), keepdim=True)
    lit = mean * (1 + LIGHT * chance(*one)) + (moved - mean) * (1 + LIGHT * chance(*one))
    grey = lit.mean(dim=1, keepdim=True)
    saturation = torch.where(chance(*one) > 0.8, torch.zeros(one, device=device), 1 + chance(*one))
    coloured = grey + (lit - grey) * saturation.clamp(0, 1.5)
    noisy = coloured + 4 * chance(*one).clamp(min=0) * torch.randn(
        coloured.shape, generator=generator
    ).to(device)
    return noisy.clamp(0, 255)
