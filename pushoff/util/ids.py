"""Ids of 16 lower-case hex digits: videos, coaches' sessions, feature extractors.

An id becomes part of a storage key or a path, so it is checked before use.
"""

import re

from pushoff.errors import Unsafe

ID_PATTERN = "[0-9a-f]{16}"
"""For regular expressions that contain an id."""
_ID = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """Whether `text` is 16 lower-case hex digits."""
    return bool(_ID.fullmatch(text))


def check_id(text: str, kind: str) -> str:
    """Return `text` if it is an id. Raises Unsafe, naming the kind (`video id`), otherwise."""
    if not is_id(text):
        raise Unsafe(f"{text[:40]!r} is not a {kind} (16 lower-case hex digits)")
    return text


def check_video_id(video_id: str) -> str:
    """Return the id of a stored video. Raises Unsafe for anything else."""
    return check_id(video_id, "video id")


def check_session_id(session_id: str) -> str:
    """Return the id of a coach's session. Raises Unsafe for anything else."""
    return check_id(session_id, "session id")
