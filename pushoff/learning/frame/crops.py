"""The athlete's crops of a video's frames, a batch at a time."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pushoff.learning.frame.classifier import crop_and_resize
from pushoff.values import Box, VideoInfo
from pushoff.video.decoding.decode import decode

BATCH = 64
"""Crops at a time; of whole frames only one is in memory."""


def frame_crops(
    path: Path, info: VideoInfo, boxes: Sequence[Box], size_px: int
) -> Iterator[np.ndarray]:
    """(K, size, size, 3) uint8 RGB crops of a probed video in order, at most one for each box.

    `boxes` are the athlete's in every frame, full-size pixels. Raises VideoRefused.
    """
    crops: list[np.ndarray] = []
    for frame in decode(path, info).frames():
        if frame.ref.index >= len(boxes):
            break
        crops.append(crop_and_resize(frame.image, boxes[frame.ref.index], size_px))
        if len(crops) == BATCH:
            yield np.stack(crops)
            crops = []
    if crops:
        yield np.stack(crops)
