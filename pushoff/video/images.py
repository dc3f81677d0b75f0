"""Single images: JPEG encoding, and the athlete cut out of a frame. Door: cv2."""

import cv2
import numpy as np

from pushoff.errors import BadInput
from pushoff.values import Box

JPEG_QUALITY = 92
"""High enough that a 65-pixel foot keeps its edge; a 2.7K frame then takes about 1 MB."""
STRIP_PX = 200
"""Side of a film strip's images: a foot is then about 12 px, a page of ten push-offs 500 kB."""


def encode_jpeg(image: np.ndarray, quality: int = JPEG_QUALITY) -> bytes:
    """JPEG bytes of an (H, W, 3) uint8 RGB image. Raises BadInput when cv2 refuses it."""
    encoded, buffer = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not encoded:
        raise BadInput(f"an image of shape {image.shape} could not be written as JPEG")
    return buffer.tobytes()


def crop_athlete(
    image: np.ndarray, box: Box, side_px: int = STRIP_PX, margin: float = 1.25
) -> np.ndarray:
    """(side, side, 3) uint8 RGB of an (H, W, 3) uint8 RGB image: the square around the box.

    The square is `margin` times as large as the box and is moved to lie inside the image.
    """
    height, width = image.shape[:2]
    side = max(min(round(margin * max(box.width_px, box.height_px)), height, width), 1)
    left = min(max(round(box.x_px + box.width_px / 2 - side / 2), 0), width - side)
    top = min(max(round(box.y_px + box.height_px / 2 - side / 2), 0), height - side)
    crop = image[top : top + side, left : left + side]
    interpolation = cv2.INTER_AREA if side > side_px else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(crop), (side_px, side_px), interpolation=interpolation)
