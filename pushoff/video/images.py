"""The athlete cut out of a frame, for film strips. Door: cv2."""

import cv2
import numpy as np

from pushoff.values import Box

STRIP_PX = 200
"""Side of a strip's pictures: a foot is then about 12 px, a page of ten push-offs 500 kB."""


def athlete_picture(image: np.ndarray, box: Box, side_px: int = STRIP_PX) -> np.ndarray:
    """(side, side, 3) uint8 RGB: the square about the athlete's box, moved inside the picture."""
    height, width = image.shape[:2]
    side = max(min(round(1.25 * max(box.width_px, box.height_px)), height, width), 1)
    left = min(max(round(box.x_px + box.width_px / 2 - side / 2), 0), width - side)
    top = min(max(round(box.y_px + box.height_px / 2 - side / 2), 0), height - side)
    cut = image[top : top + side, left : left + side]
    way = cv2.INTER_AREA if side > side_px else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(cut), (side_px, side_px), interpolation=way)
