"""From an image file's bytes to pixels. Door: Pillow."""

import io

import numpy as np
from PIL import Image, ImageOps

from pushoff.errors import MediaRefused

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
"""Raster formats whose decoders are tried; SVG, PDF, EPS and HEIC are never decoded."""
MAX_PIXELS = 40_000_000
"""More than an 8K frame (33 million)."""


def decode_image(data: bytes, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """(H, W, 3) uint8 RGB, upright according to its EXIF orientation.

    The size is checked before anything is decoded. Of animations the first frame is used; 16-bit
    and float images are scaled to 8 bits; transparent pixels become white.
    Raises MediaRefused, naming the format where it is recognised.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise MediaRefused(
                    f"The image has {width} x {height} pixels; {max_pixels:,} are allowed "
                    "(PUSHOFF_MEDIA_MAX_PIXELS). Make it smaller."
                )
            image.load()
            return np.array(_rgb(ImageOps.exif_transpose(image)))
    except Image.DecompressionBombError:
        raise MediaRefused("The image has far too many pixels. Make it smaller.") from None
    except MediaRefused:
        raise
    except Image.UnidentifiedImageError:
        raise MediaRefused(_describe_format(data)) from None
    except Exception as error:  # decoders of damaged files raise nearly anything
        raise MediaRefused(f"The image is damaged ({type(error).__name__})") from None


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        values = np.nan_to_num(np.asarray(image, dtype=np.float64), posinf=0.0, neginf=0.0)
        scaled = np.clip(values / _white_value(image.mode, values.max(initial=0.0)) * 255, 0, 255)
        return Image.fromarray(scaled.round().astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        foreground = image.convert("RGBA")
        background = Image.new("RGBA", foreground.size, "white")
        return Image.alpha_composite(background, foreground).convert("RGB")
    return image.convert("RGB")


def _white_value(mode: str, largest: float) -> float:
    """The value of white: 65535 for 16 bits, else the smallest usual one that is large enough."""
    if mode.startswith("I;16"):
        return 65535.0
    usual = (1.0, 255.0, 65535.0) if mode == "F" else (255.0, 65535.0)
    return next((white for white in usual if largest <= white), largest)


def _describe_format(data: bytes) -> str:
    start = data[:512].lstrip()
    allowed = ", ".join(FORMATS)
    if not data:
        return "The image has 0 bytes"
    kinds = {
        "HEIC": data[4:8] == b"ftyp",
        "PDF": start.startswith(b"%PDF"),
        "EPS": start.startswith(b"%!PS"),
        "SVG": b"<svg" in start.lower(),
        "a web page": b"<html" in start.lower() or b"<!doctype html" in start.lower(),
    }
    kind = next((kind for kind, matches in kinds.items() if matches), None)
    if kind:
        return f"This is {kind}, which is not supported; use one of {allowed}"
    return f"This is not an image of one of the formats {allowed}"
