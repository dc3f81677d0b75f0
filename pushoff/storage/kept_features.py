"""Features that workers stored, for a process that answers requests and stores nothing itself."""

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from pushoff.storage.feature_store import Crop, FeatureStore, FrameAddress
from pushoff.storage.object_store import Storage

REFRESH_S = 5.0
"""The storage is listed at most so often: what a worker stored is known so much later."""


class KeptFeatures:
    """The stored features of the extractor asked for last. Thread-safe."""

    def __init__(self, storage: Callable[[], Storage], refresh_s: float = REFRESH_S) -> None:
        """`storage` is opened on first use."""
        self._open_storage, self._refresh_s = storage, refresh_s
        self._lock = threading.Lock()
        self._store: FeatureStore | None = None
        self._listed_s = 0.0
        """Monotonic seconds."""

    def of(
        self, backbone: str, frames: Sequence[FrameAddress]
    ) -> tuple[np.ndarray, list[Crop | None]]:
        """(N, D) float16 of N frames by the extractor of this fingerprint, and what they show.

        None and zeros for a frame without features. Raises StorageFailed, Unsafe.
        """
        with self._lock:
            if self._store is None or self._store.backbone != backbone:
                self._store = FeatureStore(self._open_storage(), backbone)
                self._listed_s = time.monotonic()
            crops = [self._store.crop(frame) for frame in frames]
            if None in crops and time.monotonic() - self._listed_s > self._refresh_s:
                self._listed_s = time.monotonic()
                self._store.refresh()
                crops = [self._store.crop(frame) for frame in frames]
            features, _ = self._store.rows(frames)
            return features, crops
