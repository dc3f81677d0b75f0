"""Body landmarks of the BlazePose topology, numbered as in MediaPipe, and the size of a body."""

import numpy as np

from pushoff.errors import BadInput

LANDMARKS = 33
"""Number of landmarks."""
ELBOWS, WRISTS, HIPS, KNEES = (13, 14), (15, 16), (23, 24), (25, 26)
"""(left, right) landmarks of the athlete's own body."""
ANKLES, HEELS, TOES = (27, 28), (29, 30), (31, 32)
VISIBILITY = 3
"""Column of a landmark's visibility, where there are that many columns."""
LEG_SHARE = 0.491
"""Thigh and shank, hip to ankle, over body height: 0.245 + 0.246 (Winter 2009, table 4.1)."""


def body_height_px(points: np.ndarray) -> float | None:
    """Body height of (N, 33, 2 or more) landmarks in pixels; None where no leg is visible.

    From the longer leg, hip to knee to ankle, in the 75th percentile of frames: legs that turn
    away look shorter than they are, never longer.
    """
    hips, knees, ankles = (points[:, pair, :2] for pair in (HIPS, KNEES, ANKLES))
    legs = np.linalg.norm(hips - knees, axis=2) + np.linalg.norm(knees - ankles, axis=2)
    legs = legs[np.isfinite(legs).all(axis=1)].max(axis=1, initial=0.0)
    if not legs.size or (height := float(np.percentile(legs, 75)) / LEG_SHARE) <= 0:
        return None
    return height


def checked_landmarks(landmarks: np.ndarray, times_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N, 33, 2 or more) landmarks and their N camera seconds, as floats.

    Raises BadInput when the shapes do not fit or the times are not ascending.
    """
    points, times = np.asarray(landmarks, float), np.asarray(times_s, float)
    if points.ndim != 3 or points.shape[1] != LANDMARKS or points.shape[2] < 2:
        raise BadInput(
            f"landmarks have the shape {points.shape}, expected (N, {LANDMARKS}, 2 or more)",
            code="landmarks_shape",
        )
    if times.shape != points.shape[:1] or not np.isfinite(times).all():
        raise BadInput(
            f"times have the shape {times.shape}, expected one for each of {len(points)} frames",
            code="times_shape",
        )
    if len(times) < 3 or (np.diff(times) <= 0).any():
        raise BadInput(
            "the frames' times must be ascending, at least three of them", code="unsorted_times"
        )
    return points, times
