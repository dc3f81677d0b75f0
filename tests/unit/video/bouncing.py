"""A textured block that runs and bounces over grass: pictures, the track of it, the truth."""

import cv2
import numpy as np

from pushoff.values import Box
from pushoff.video.tracking.athlete import AthleteTrack

RATE = 240
COUNT = 120


def bouncing_block(height_px=6.0, drift=None):
    """A textured block that runs right and bounces over grass; the track of it, its true rise."""
    rng = np.random.default_rng(3)
    grass = cv2.GaussianBlur(rng.integers(60, 160, (120, 320), np.uint8), (5, 5), 0)
    block = cv2.GaussianBlur(rng.integers(0, 255, (40, 24), np.uint8), (5, 5), 0)
    times = np.arange(COUNT) / RATE
    x, y = 40 + 300 * times, 60 - height_px * np.sin(2 * np.pi * times / 0.4)
    drift = np.zeros((COUNT, 2)) if drift is None else drift
    pictures = []
    for at in range(COUNT):
        move = np.float32([[1, 0, -drift[at, 0]], [0, 1, -drift[at, 1]]])
        scene = cv2.warpAffine(grass, move, (320, 120), borderMode=cv2.BORDER_WRAP)
        place = np.float32([[1, 0, x[at] - 12 - drift[at, 0]], [0, 1, y[at] - 20 - drift[at, 1]]])
        mask = cv2.warpAffine(np.full_like(block, 255), place, (320, 120))
        scene[mask > 127] = cv2.warpAffine(block, place, (320, 120))[mask > 127]
        pictures.append(scene)
    centres = np.stack([x, y], 1) - drift
    boxes = tuple(Box(int(cx) - 40, int(cy) - 32, 80, 80) for cx, cy in centres)
    track = AthleteTrack(boxes, (True,) * COUNT, centres, (320, 120), "", drift_px=drift)
    return track, np.stack(pictures), -np.gradient(y) * RATE
