"""Where what belongs to one coach's session lies in storage."""

from pushoff.errors import BadInput
from pushoff.events.analysis_result import VideoAnalysis, from_bytes, to_bytes
from pushoff.storage.object_store import Storage
from pushoff.util.ids import check_session_id


def folder(session_id: str) -> str:
    """Everything of the session, but the video itself. Raises Unsafe for what is not an id."""
    return f"coach/{check_session_id(session_id)}"


def chapter_key(session_id: str, number: int) -> str:
    """Where chapter `number` (from zero) of an uploaded video waits until it is read."""
    return f"{folder(session_id)}/chapters/{int(number):03d}"


def preview_key(session_id: str) -> str:
    """The video as a browser plays it."""
    return f"{folder(session_id)}/preview.mp4"


def thumbnail_key(session_id: str) -> str:
    """A JPEG of the athlete."""
    return f"{folder(session_id)}/thumbnail.jpg"


def save_analysis(storage: Storage, session_id: str, read: VideoAnalysis) -> None:
    """Keep what was read out of the video."""
    storage.write(_reading_key(session_id), to_bytes(read))


def load_analysis(storage: Storage, session_id: str) -> VideoAnalysis:
    """What was read. Raises BadInput when the video has not been read yet."""
    key = _reading_key(session_id)
    if not storage.exists(key):
        raise BadInput("This session has not been read yet.")
    return from_bytes(storage.read(key))


def _reading_key(session_id: str) -> str:
    return f"{folder(session_id)}/reading.npz"
