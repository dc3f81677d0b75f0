"""What task data says of a frame, whoever wrote it: our ingest, or a person uploading by hand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pushoff.values import Box

_UPLOAD_PREFIX = re.compile(r"^[0-9a-f]{8}-")
"""What Label Studio puts before the name of an uploaded file."""
_FRAME_NUMBER = re.compile(r"[ _.\-()]*(?:frame|img)?[ _.\-()]*\d+\)?$", re.IGNORECASE)


@dataclass(frozen=True)
class TaskFrame:
    """One frame as task data describes it."""

    image: str
    """Its address; empty when there is none."""
    box: Box | None
    """The athlete in the image; None: the whole image."""
    group: str
    """Never divided between splits: athlete, else session, else the upload's name stem."""
    session: str
    """Our session, or the group again."""
    time_s: float | None
    footage: str
    """`real` or `synthetic`."""
    frame_index: int | None = None
    """Zero-based in the session's video; None where that is not said."""


def read_frame(data: Mapping[str, Any], image_key: str) -> TaskFrame:
    """Never raises: what is missing or malformed counts as not there."""
    image = data.get(image_key)
    image = image if isinstance(image, str) else ""
    group = _word(data, "athlete") or _word(data, "session") or _stem(image)
    time_s, footage = data.get("time_s"), data.get("footage")
    index = data.get("frame_index")
    is_time = isinstance(time_s, (int, float)) and not isinstance(time_s, bool) and isfinite(time_s)
    return TaskFrame(
        image=image,
        box=_box(data.get("box")),
        group=group,
        session=_word(data, "session") or group,
        time_s=float(time_s) if is_time else None,
        footage=footage if footage in ("real", "synthetic") else "real",
        frame_index=index if type(index) is int and index >= 0 else None,
    )


def _word(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return str(value).strip() if isinstance(value, (str, int)) else ""


def _box(box: object) -> Box | None:
    if not (isinstance(box, list) and len(box) == 4 and all(type(side) is int for side in box)):
        return None
    return Box(*box) if min(box[:2]) >= 0 and min(box[2:]) > 0 else None


def _stem(image: str) -> str:
    """`/data/upload/3/1667705b-jump2_0017.jpg` belongs to `jump2`."""
    if image.startswith("data:"):
        return "pasted"
    try:
        parts = urlsplit(image)
    except ValueError:
        return "unnamed"
    path = parse_qs(parts.query).get("d", [parts.path])[0]
    stem = _UPLOAD_PREFIX.sub("", PurePosixPath(unquote(path)).stem)
    return _FRAME_NUMBER.sub("", stem) or stem or "unnamed"
