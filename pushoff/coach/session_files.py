"""Storage keys of the files that belong to one coach's session."""

from pushoff.errors import BadInput
from pushoff.events.analysis_result import VideoAnalysis, from_bytes, to_bytes
from pushoff.storage.object_store import Storage
from pushoff.util.ids import check_session_id


def folder(session_id: str) -> str:
    """Everything of the session except the video. Raises Unsafe for an invalid id."""
    return f"coach/{check_session_id(session_id)}"


def chapter_key(session_id: str, number: int) -> str:
    """Chapter `number` (from zero) of an uploaded video, until the video is analysed."""
    return f"{folder(session_id)}/chapters/{int(number):03d}"


def preview_key(session_id: str) -> str:
    """The video in a format that browsers play."""
    return f"{folder(session_id)}/preview.mp4"


def thumbnail_key(session_id: str) -> str:
    """A JPEG of the athlete."""
    return f"{folder(session_id)}/thumbnail.jpg"


def save_analysis(storage: Storage, session_id: str, analysis: VideoAnalysis) -> None:
    """Store the analysis of the session's video."""
    storage.write(_analysis_key(session_id), to_bytes(analysis))


def load_analysis(storage: Storage, session_id: str) -> VideoAnalysis:
    """The stored analysis. Raises BadInput if the video has not been analysed yet."""
    key = _analysis_key(session_id)
    if not storage.exists(key):
        raise BadInput("This session has not been analysed yet.", code="not_analyzed")
    return from_bytes(storage.read(key))


def save_newer_analysis(storage: Storage, session_id: str, analysis: VideoAnalysis) -> None:
    """Store what a newer version finds, beside the analysis that people corrected or checked."""
    storage.write(_newer_key(session_id), to_bytes(analysis))


def load_newer_analysis(storage: Storage, session_id: str) -> VideoAnalysis | None:
    """The newer analysis, None where there is none. Raises StorageFailed."""
    key = _newer_key(session_id)
    return from_bytes(storage.read(key)) if storage.exists(key) else None


def delete_newer_analysis(storage: Storage, session_id: str) -> None:
    """Delete the newer analysis, if any."""
    storage.delete(_newer_key(session_id))


def _analysis_key(session_id: str) -> str:
    return f"{folder(session_id)}/analysis.npz"


def _newer_key(session_id: str) -> str:
    return f"{folder(session_id)}/newer-analysis.npz"
