"""Body landmarks of stored videos: the same for every backbone, so found once.

Whatever cannot be read is found again and not an error.
"""

import hashlib
import io
from typing import TYPE_CHECKING

import numpy as np

from pushoff.util.canonical_json import canonical_json
from pushoff.util.npz import DAMAGED

if TYPE_CHECKING:
    from pushoff.storage.object_store import Storage

FORMAT = 1
"""Raised when tracker or pose model change."""


def save_landmarks(
    storage: "Storage", sha256: str, capture_fps: float | None, landmarks: np.ndarray
) -> None:
    """Store (N, 33, 4) landmarks of the file with this SHA-256. Raises StorageFailed."""
    file = io.BytesIO()
    np.save(file, np.asarray(landmarks, np.float32), allow_pickle=False)
    storage.write(_key(sha256, capture_fps), file.getvalue())


def load_landmarks(storage: "Storage", sha256: str, capture_fps: float | None) -> np.ndarray | None:
    """(N, 33, 4) float32; None when they are not stored or damaged. Raises StorageFailed."""
    key = _key(sha256, capture_fps)
    if not storage.exists(key):
        return None
    try:
        landmarks = np.load(io.BytesIO(storage.read(key)), allow_pickle=False)
    except DAMAGED:
        return None
    return np.asarray(landmarks) if landmarks.ndim == 3 else None


def _key(sha256: str, capture_fps: float | None) -> str:
    """Named by the video's id, so that they are deleted with it."""
    arguments = {"format": FORMAT, "capture_fps": capture_fps}
    digest = hashlib.sha256(canonical_json(arguments)).hexdigest()
    return f"features/landmarks/{sha256[:16]}-{digest[:12]}.npy"
