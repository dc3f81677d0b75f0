"""The one reader of task data: training, publishing and `/predict` crop the same square.

Task data comes from this service's ingest or from people who upload images and JSON by hand, so
every key may be missing or malformed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pushoff.values import Box

MAX_COORDINATE_PX = 100_000
"""A box with a larger number is malformed."""
_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")
"""Label Studio puts this before the name of an uploaded file."""
_FRAME_NUMBER = re.compile(r"[ _.\-()]*(?:frame|img)?[ _.\-()]*\d+\)?$", re.IGNORECASE)


@dataclass(frozen=True)
class TaskFrame:
    """One frame as task data describes it."""

    image: str
    """Its address; empty when there is none."""
    box: Box | None
    """The athlete in the image; None: not known, the image is searched."""
    split_group: str
    """Frames of one group are never divided between splits: the athlete, else the video, else the
    file name without its number."""
    video_id: str
    """The stored video, or the group for frames uploaded by hand."""
    time_s: float | None
    """Camera seconds."""
    footage: str
    """`real` or `synthetic`."""
    frame_index: int | None = None
    """Zero-based in the video; None when unknown."""


def read_frame(data: Mapping[str, Any], image_key: str) -> TaskFrame:
    """Read one task's data; `image_key` is the label config's. Never raises.

    A missing or malformed value becomes None, the empty text or the default.
    """
    image = data.get(image_key)
    image = image if isinstance(image, str) else ""
    group = _text(data, "athlete") or _text(data, "video_id") or _file_stem(image)
    footage = data.get("footage")
    frame_index = data.get("frame_index")
    return TaskFrame(
        image=image,
        box=read_box(data.get("box")),
        split_group=group,
        video_id=_text(data, "video_id") or group,
        time_s=_number(data.get("time_s")),
        footage=footage if footage in ("real", "synthetic") else "real",
        frame_index=frame_index if type(frame_index) is int and frame_index >= 0 else None,
    )


def read_box(value: object) -> Box | None:
    """`[x, y, width, height]` in pixels, rounded to whole pixels and clipped at the picture's top
    and left edges. None for anything else, or when nothing of it is left.

    The right and bottom edges are clipped when the crop is made, where the picture's size is known.
    """
    if not isinstance(value, list) or len(value) != 4:
        return None
    numbers = [number for number in map(_number, value) if number is not None]
    if len(numbers) != 4 or max(map(abs, numbers)) > MAX_COORDINATE_PX:
        return None
    x, y, width, height = map(round, numbers)
    left, top = max(x, 0), max(y, 0)
    width_px, height_px = x + width - left, y + height - top
    return Box(left, top, width_px, height_px) if min(width_px, height_px) > 0 else None


def _number(value: object) -> float | None:
    """A finite number as a float; None for anything else, booleans too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return str(value).strip() if isinstance(value, str | int) else ""


def _file_stem(image: str) -> str:
    """`jump2` for `/data/upload/3/1667705b-jump2_0017.jpg`."""
    if image.startswith("data:"):
        return "pasted"
    try:
        parts = urlsplit(image)
    except ValueError:
        return "unnamed"
    path = parse_qs(parts.query).get("d", [parts.path])[0]
    stem = _UPLOAD_PREFIX.sub("", PurePosixPath(unquote(path)).stem)
    return _FRAME_NUMBER.sub("", stem) or stem or "unnamed"
