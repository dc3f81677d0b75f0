"""A fetcher of images whose addresses say what they are."""

import threading
import time

import numpy as np

from pushoff.errors import MediaRefused, MediaUnavailable


class Images:
    """Images by made-up addresses: a seed of noise, or what goes wrong."""

    def __init__(self) -> None:
        self.held = self.most = 0
        self._lock = threading.Lock()

    def image(self, address: str, task_id: int) -> np.ndarray:
        """(H, W, 3) uint8 RGB."""
        if address == "refused":
            raise MediaRefused("too large")
        if address == "away":
            raise MediaUnavailable("not there")
        if address == "broken":
            raise ZeroDivisionError("a bug")
        if address == "dark":
            return np.zeros((48, 48, 3), np.uint8)
        if address == "slow":
            time.sleep(0.3)
            return self.image("0", task_id)
        with self._lock:
            self.held += 1
            self.most = max(self.most, self.held)
        time.sleep(0.001)
        with self._lock:
            self.held -= 1
        return np.random.default_rng(int(address)).integers(0, 255, (40, 60, 3), np.uint8)
