"""Small real things: frames a network can learn from, and a card."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from pushoff.errors import PushoffError
from pushoff.learning.data.manifest import DatasetFrame
from pushoff.values import Box, Label, ModelCard

SIZE = 48
"""Side of a drawn picture, all of which is the athlete, in pixels."""


@contextmanager
def refused(error: type[PushoffError], code: str) -> Iterator[None]:
    """What is done inside is refused with this error and code."""
    with pytest.raises(error) as refusal:
        yield
    assert code == refusal.value.code, refusal.value


def draw(label: Label, seed: int, size: int = SIZE) -> np.ndarray:
    """(size, size, 3) uint8 RGB: a bright bar, upright for push_off, lying for not_push_off."""
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 60, (size, size, 3), dtype=np.uint8)
    at = int(rng.integers(size // 3, 2 * size // 3))
    if label is Label.PUSH_OFF:
        image[:, at - 4 : at + 4] = 230
    else:
        image[at - 4 : at + 4, :] = 230
    return image


def dataset_of(count: int, fold: int, first: int = 0) -> list[DatasetFrame]:
    """`count` frames, every second a push_off; the task id is the seed of the picture."""
    return [
        DatasetFrame(
            image_sha256=f"{row:064x}",
            box=Box(0, 0, SIZE, SIZE),
            label=Label(row % 2),
            split_group="ana",
            video_id="s1",
            fold=fold,
            task_id=row,
            footage="synthetic",
            time_s=row / 10,
        )
        for row in range(first, first + count)
    ]


def image_of(frame: DatasetFrame) -> np.ndarray:
    return draw(frame.label, frame.task_id)


def card(**changes: object) -> ModelCard:
    values = {
        "architecture": "resnet18",
        "size_px": 32,
        "mean": (0.5, 0.5, 0.5),
        "std": (0.25, 0.25, 0.25),
        "initial_weights": "random",
        "dataset_fingerprint": "f" * 64,
        "scorecard": None,
        "weights_sha256": "",
        "seed": 1,
        "created_at": "2026-11-23T10:00:00+00:00",
        "code_version": "0",
    }
    return ModelCard(**{**values, **changes})
