"""Which frames of a video to annotate first, before any model exists. NumPy only."""

import numpy as np

from pushoff.util.smoothing import gaussian_smooth
from pushoff.video.tracking.athlete import AthleteTrack
from pushoff.video.vertical_flow import rise_speed

SPACING_S = 0.033
"""Least time between two frames: eight at 240/s; nearer ones look the same."""
_SMOOTHING_S = 0.025
"""Standard deviation of the Gaussian that smooths the rise before its peaks are found."""
_LEAD_S = 5 / 240
"""The body rises fastest this long before the toe leaves: the last part of a contact no longer
carries the body's weight. Median over six rendered drills (the middle half within 3 frames of
240/s)."""
_MIN_GAP_S = 0.2
"""Take-offs are at least this far apart, even in a sprint."""
_CLOSE_S = 2 / 240
"""Spacing of the innermost frames of a take-off: there neighbours differ in label, and with two
frames per push-off a session gives enough of the rare class to learn from."""
_INNER_S = tuple(step * _CLOSE_S for step in (0, -1, 1, -2, 2))
_AROUND_S = (*_INNER_S, 0.05, -0.06, 0.084, -0.094)
"""Times around a take-off, most informative first."""
_GRID = 12
"""Cells a side of the grid on which two athletes' images are compared."""


def choose_frames(
    track: AthleteTrack,
    times_s: np.ndarray,
    capture_rate: float,
    count: int,
    thumbnails: np.ndarray | None = None,
) -> list[int]:
    """At most `count` frame indices in the order an annotator should see them.

    `times_s` is (N,) camera seconds, `capture_rate` the camera's frames per second; `thumbnails`
    (N, h, w) uint8 grey whole images. Half are around the likely take-offs, clearest first, the
    rest are where the athlete looks least like the frames chosen so far (farthest-first); the two
    alternate. No two are closer than 33 ms, five frames at a take-off 8.3 ms, and no frame comes
    twice.
    """
    candidates = np.flatnonzero(track.found)
    if not len(candidates):
        candidates = np.arange(len(times_s))
    spacing = max(SPACING_S - 0.5 / capture_rate, 0.5 / capture_rate)
    free = np.zeros(len(times_s), bool)
    free[candidates] = True
    likely = _around_take_offs(
        estimate_take_offs(track, times_s, thumbnails), times_s, free, spacing, count // 2
    )
    appearance = _appearance(track, thumbnails, times_s)
    diverse: list[int] = []
    distance = np.full(len(times_s), np.inf)
    for index in likely:
        distance = np.minimum(distance, np.square(appearance - appearance[index]).sum(1))
    while len(likely) + len(diverse) < count and free.any():
        if likely or diverse:
            chosen = int(np.where(free, distance, -1.0).argmax())
        else:
            chosen = int(np.flatnonzero(free)[free.sum() // 2])
        diverse.append(chosen)
        free &= np.abs(times_s - times_s[chosen]) >= spacing
        distance = np.minimum(distance, np.square(appearance - appearance[chosen]).sum(1))
    return _alternate(likely, diverse)


def estimate_take_offs(
    track: AthleteTrack, times_s: np.ndarray, images: np.ndarray | None = None
) -> list[int]:
    """Frames in which the athlete probably leaves the ground, most certain first.

    `times_s` is (N,) camera seconds. `images` (N, h, w) uint8 grey give the rise of the trunk;
    without them the outline's centre is used, which is less accurate.
    """
    found = np.asarray(track.found)
    if found.sum() < 8 or len(times_s) < 8:
        return []
    step = float(np.median(np.diff(times_s)))
    if images is None:
        rise = -np.gradient(track.centres_px[:, 1]) / step
    else:
        rise = rise_speed(track, images, step)
    seen = found & ~np.isnan(rise)
    if not seen.any():
        return []
    frames = np.arange(len(rise))
    curve = gaussian_smooth(
        np.interp(frames, frames[seen], rise[seen]), max(_SMOOTHING_S / step, 0.7)
    )
    inner = frames[1:-1]
    peaks = inner[(curve[inner] >= curve[inner - 1]) & (curve[inner] > curve[inner + 1])]
    peaks = peaks[seen[peaks] & (curve[peaks] > 0)]
    if not len(peaks):
        return []
    peaks = peaks[curve[peaks] > 0.25 * np.percentile(curve[peaks], 90)]
    kept: list[int] = []
    for peak in peaks[np.argsort(-curve[peaks])]:
        if all(abs(times_s[peak] - times_s[other]) >= _MIN_GAP_S for other in kept):
            kept.append(int(peak))
    lead = round(_LEAD_S / step)
    return [min(peak + lead, len(times_s) - 1) for peak in kept]


def _around_take_offs(
    take_offs: list[int], times_s: np.ndarray, free: np.ndarray, spacing: float, count: int
) -> list[int]:
    """Frames at and around each take-off; they and what is too close are removed from `free`."""
    chosen: list[int] = []
    step = float(np.median(np.diff(times_s))) if len(times_s) > 1 else spacing
    for shift in _AROUND_S:
        needed = min(_CLOSE_S - 0.6 * step, spacing) if shift in _INNER_S else spacing
        for take_off in take_offs:
            target_s = times_s[take_off] + shift
            index = int(np.abs(times_s - target_s).argmin())
            full = len(chosen) >= count
            if full or not free[index] or abs(times_s[index] - target_s) > 0.51 * step:
                continue
            if not chosen or np.abs(times_s[chosen] - times_s[index]).min() >= needed:
                chosen.append(index)
                free[index] = False
    for index in chosen:
        free &= np.abs(times_s - times_s[index]) >= spacing
    return chosen


def _appearance(
    track: AthleteTrack, thumbnails: np.ndarray | None, times_s: np.ndarray
) -> np.ndarray:
    """(N, D) appearance of each frame: the athlete's box on a coarse grid, and a little time."""
    span = max(float(times_s[-1] - times_s[0]), 1e-9)
    relative_time = ((times_s - times_s[0]) / span)[:, None]
    if thumbnails is None:
        return relative_time
    height, width = thumbnails.shape[1:3]
    scale = width / track.full_size[0]
    grids = np.empty((len(times_s), _GRID * _GRID))
    for index, box in enumerate(track.boxes):
        rows = (box.y_px + (np.arange(_GRID) + 0.5) * box.height_px / _GRID) * scale
        columns = (box.x_px + (np.arange(_GRID) + 0.5) * box.width_px / _GRID) * scale
        sampled = thumbnails[index][
            np.ix_(
                np.clip(rows, 0, height - 1).astype(int), np.clip(columns, 0, width - 1).astype(int)
            )
        ]
        grids[index] = sampled.ravel()
    grids -= grids.mean(1, keepdims=True)
    grids /= max(float(grids.std()), 1e-6) * _GRID
    return np.hstack([grids, 0.3 * relative_time])


def _alternate(first: list[int], second: list[int]) -> list[int]:
    """One of each in turn, then what is left of the longer list."""
    shared = min(len(first), len(second))
    pairs = [index for pair in zip(first, second, strict=False) for index in pair]
    return pairs + first[shared:] + second[shared:]
