"""One frame as a JPEG. Door: cv2."""

import cv2
import numpy as np

from pushoff.errors import BadInput

QUALITY = 92
"""High enough that a 65-pixel foot keeps its edge; a 2.7K frame then takes about 1 MB."""


def encode_jpeg(image: np.ndarray, quality: int = QUALITY) -> bytes:
    """JPEG bytes of an (H, W, 3) uint8 RGB image. Raises BadInput when cv2 refuses it."""
    done, buffer = cv2.imencode(
        ".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not done:
        raise BadInput(f"an image of shape {image.shape} could not be written as JPEG")
    return buffer.tobytes()
