"""How fast the athlete's trunk rises, frame by frame, from optical flow. Door: cv2.

The outline's middle jumps with every leg and shadow; patches of the trunk that travel along with
the athlete do not, and their flow is good to a fraction of a pixel.
"""

import cv2
import numpy as np

from pushoff.util.smoothing import gaussian_smooth
from pushoff.values import Box
from pushoff.video.tracking.athlete import AthleteTrack

FLOW_S = 0.017
"""Flow is taken across this long: four frames at 240/s, about a pixel in a small picture."""
RISE_CHANNELS = 4
"""Numbers that `rise_channels` gives for each frame."""
_FINE_S, _CALM_S, _WAVE_S = 0.012, 0.03, 0.4
"""Spreads of the Gaussians over the rise, finely and calmly, and over the height about which the
bounces are: shorter than a contact, and longer than a contact with its flight."""
_TRUNK = (0.1, 0.62)
"""Rows of the athlete's box, as shares, that hold the trunk; below are the legs."""
_HALF_WIDTH = 0.25
"""Columns looked at on either side of the athlete's middle, as a share of the box."""
_AGREES = 0.5
"""A patch belongs to the athlete when its travel is within this share of the athlete's own."""
_PATCHES, _FEWEST = 40, 3
_STRIDE_S = 0.04
"""Spread of the Gaussian over the athlete's way: they travel evenly, their outline does not."""
_SIDE_PX = 11


def rise_speed(track: AthleteTrack, pictures: np.ndarray, step_s: float) -> np.ndarray:
    """(N,) upward speed of the trunk in pixels of the full-size video per second; NaN: not seen.

    `pictures` (N, h, w) uint8 grey, `step_s` camera seconds between frames. Frame i speaks of the
    time about i. A panning camera's own movement is taken out.
    """
    count = len(pictures)
    lag = max(round(FLOW_S / step_s), 1)
    scale = pictures.shape[2] / track.full_size[0]
    # Not the box's middle: a box stops at the picture's edge while the athlete runs on.
    middles = gaussian_smooth(track.centres_px[:, :1], max(_STRIDE_S / step_s, 0.7))[:, 0] * scale
    speeds = np.full(count, np.nan)
    for first in range(count - lag):
        last = first + lag
        if track.found[first] and track.found[last]:
            flow = _trunk_flow(
                (pictures[first], pictures[last]),
                track.boxes[first],
                (middles[first], middles[last]),
                scale,
            )
            if flow is not None:
                tilt_px = track.camera_shift_px(first, last)[1]
                speeds[first + lag // 2] = (tilt_px - flow / scale) / (lag * step_s)
    return speeds


def rise_channels(track: AthleteTrack, pictures: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """(N, 4) float of each frame: the rise, finely and calmly smoothed, its change, the height.

    Free of the athlete's size and of the camera's: rises in units of the video's own usual ones
    (90th percentile), their change in the same per 50 ms, heights in tenths of the box. Zeros
    where nobody is seen.
    """
    channels = np.zeros((len(times_s), RISE_CHANNELS))
    found = np.asarray(track.found, bool)
    if len(times_s) < 2 or not found.any():
        return channels
    step_s = float(np.median(np.diff(times_s)))
    rise = rise_speed(track, pictures, step_s)
    seen = found & ~np.isnan(rise)
    if seen.any():
        every = np.arange(len(rise))
        whole = np.interp(every, every[seen], rise[seen])
        fine, calm = (gaussian_smooth(whole, max(s / step_s, 0.4)) for s in (_FINE_S, _CALM_S))
        usual = np.percentile(np.abs(calm[seen]), 90) + 1e-6
        channels[:, 0], channels[:, 1] = fine / usual, calm / usual
        channels[:, 2] = np.gradient(calm) / step_s * 0.05 / usual
    height = -track.centres_px[:, 1]
    bounce = height - gaussian_smooth(height, max(_WAVE_S / step_s, 1.0))
    side = float(np.median([box.height_px for box in track.boxes]))
    channels[:, 3] = bounce / side * 10
    return np.clip(channels, -3, 3) * found[:, None]


def _trunk_flow(
    pair: tuple[np.ndarray, np.ndarray], box: Box, middles: tuple[float, float], scale: float
) -> float | None:
    """Rows the trunk moves down from one picture to the other; None where too little is seen.

    `box` is the first picture's, in full-size pixels; `middles` are the athlete's columns in both.
    """
    before, after = pair
    middle, travel = middles[0], middles[1] - middles[0]
    side = box.height_px * scale
    height, width = before.shape
    pad = _SIDE_PX + abs(travel)
    left = int(np.clip(middle - _HALF_WIDTH * side - pad, 0, width - 1))
    right = int(np.clip(middle + _HALF_WIDTH * side + pad, left + 1, width))
    top = int(np.clip((box.y_px + _TRUNK[0] * box.height_px) * scale - _SIDE_PX, 0, height - 1))
    bottom = box.y_px + _TRUNK[1] * box.height_px
    low = int(np.clip(bottom * scale + _SIDE_PX, top + 1, height))
    one = np.ascontiguousarray(before[top:low, left:right])
    other = np.ascontiguousarray(after[top:low, left:right])
    inside = np.zeros_like(one)
    inside[:, int(pad) : max(one.shape[1] - int(pad), 0)] = 255
    points = cv2.goodFeaturesToTrack(one, _PATCHES, 0.02, 2, mask=inside)
    if points is None:
        return None
    moved, known, _ = cv2.calcOpticalFlowPyrLK(
        one, other, points, None, winSize=(_SIDE_PX, _SIDE_PX), maxLevel=2
    )
    steps = (moved - points)[:, 0][known[:, 0] == 1]
    with_them = steps[np.abs(steps[:, 0] - travel) < _AGREES * abs(travel) + 0.3, 1]
    return float(np.median(with_them)) if len(with_them) >= _FEWEST else None
