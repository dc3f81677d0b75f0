"""How fast the athlete's trunk rises in each frame, from optical flow.

The outline's centre jumps with every leg and shadow; patches of the trunk that travel with the
athlete do not, and their flow is accurate to a fraction of a pixel.
"""

import numpy as np

from pushoff.util.smoothing import gaussian_smooth
from pushoff.values import Box
from pushoff.video.tracking.athlete import AthleteTrack
from pushoff.video.tracking.optical_flow import find_corners, follow_points

FLOW_S = 0.017
"""Flow is measured over this time: four frames at 240/s, about a pixel in a small image."""
RISE_CHANNELS = 4
"""Values that `rise_channels` gives for each frame."""
_FINE_S, _COARSE_S, _BOUNCE_S = 0.012, 0.03, 0.4
"""Standard deviations of the Gaussians that smooth the rise (fine and coarse: shorter than a
contact) and the height from which bounces are measured (longer than a contact with its flight)."""
_TRUNK = (0.1, 0.62)
"""Rows of the athlete's box, as shares, that hold the trunk; below are the legs."""
_HALF_WIDTH = 0.25
"""Columns used on either side of the athlete's middle, as a share of the box."""
_SAME_TRAVEL = 0.5
"""A patch belongs to the athlete when its travel is within this share of the athlete's own."""
_MAX_PATCHES, _MIN_PATCHES = 40, 3
_TRAVEL_S = 0.04
"""Standard deviation of the Gaussian that smooths the athlete's travel: athletes travel evenly,
their outline does not."""
_PATCH_PX = 11


def rise_speed(track: AthleteTrack, images: np.ndarray, step_s: float) -> np.ndarray:
    """(N,) upward speed of the trunk in full-size pixels per second; NaN where not seen.

    `images` (N, h, w) uint8 grey, `step_s` camera seconds between frames. Each speed is that of a
    short time around its frame. A panning camera's own movement is taken out.
    """
    count = len(images)
    lag = max(round(FLOW_S / step_s), 1)
    scale = images.shape[2] / track.full_size[0]
    # Not the box's middle: a box stops at the image's edge while the athlete runs on.
    middles = gaussian_smooth(track.centres_px[:, :1], max(_TRAVEL_S / step_s, 0.7))[:, 0] * scale
    speeds = np.full(count, np.nan)
    for first in range(count - lag):
        last = first + lag
        if track.found[first] and track.found[last]:
            flow = _trunk_flow(
                (images[first], images[last]),
                track.boxes[first],
                (middles[first], middles[last]),
                scale,
            )
            if flow is not None:
                tilt_px = track.camera_shift_px(first, last)[1]
                speeds[first + lag // 2] = (tilt_px - flow / scale) / (lag * step_s)
    return speeds


def rise_channels(track: AthleteTrack, images: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """(N, 4) float per frame: the rise with fine and with coarse smoothing, its change, the height.

    `images` (N, h, w) uint8 grey, `times_s` (N,) camera seconds. Independent of the athlete's size
    in the image: rises in units of the video's own (90th percentile), their change in the same per
    50 ms, heights in tenths of the box. Zeros where nobody is seen.
    """
    channels = np.zeros((len(times_s), RISE_CHANNELS))
    found = np.asarray(track.found, bool)
    if len(times_s) < 2 or not found.any():
        return channels
    step_s = float(np.median(np.diff(times_s)))
    rise = rise_speed(track, images, step_s)
    seen = found & ~np.isnan(rise)
    if seen.any():
        frames = np.arange(len(rise))
        filled = np.interp(frames, frames[seen], rise[seen])
        fine, coarse = (
            gaussian_smooth(filled, max(spread_s / step_s, 0.4))
            for spread_s in (_FINE_S, _COARSE_S)
        )
        usual = np.percentile(np.abs(coarse[seen]), 90) + 1e-6
        channels[:, 0], channels[:, 1] = fine / usual, coarse / usual
        channels[:, 2] = np.gradient(coarse) / step_s * 0.05 / usual
    height = -track.centres_px[:, 1]
    bounce = height - gaussian_smooth(height, max(_BOUNCE_S / step_s, 1.0))
    side = float(np.median([box.height_px for box in track.boxes]))
    channels[:, 3] = bounce / side * 10
    return np.clip(channels, -3, 3) * found[:, None]


def _trunk_flow(
    pair: tuple[np.ndarray, np.ndarray], box: Box, middles: tuple[float, float], scale: float
) -> float | None:
    """Pixels the trunk moves down from one image to the other; None where too little is seen.

    `box` is the first image's, in full-size pixels; `middles` are the athlete's columns in both.
    """
    before, after = pair
    middle, travel = middles[0], middles[1] - middles[0]
    side = box.height_px * scale
    height, width = before.shape
    pad = _PATCH_PX + abs(travel)
    left = int(np.clip(middle - _HALF_WIDTH * side - pad, 0, width - 1))
    right = int(np.clip(middle + _HALF_WIDTH * side + pad, left + 1, width))
    top = int(np.clip((box.y_px + _TRUNK[0] * box.height_px) * scale - _PATCH_PX, 0, height - 1))
    trunk_bottom = (box.y_px + _TRUNK[1] * box.height_px) * scale
    bottom = int(np.clip(trunk_bottom + _PATCH_PX, top + 1, height))
    trunk_before = np.ascontiguousarray(before[top:bottom, left:right])
    trunk_after = np.ascontiguousarray(after[top:bottom, left:right])
    mask = np.zeros_like(trunk_before)
    mask[:, int(pad) : max(trunk_before.shape[1] - int(pad), 0)] = 255
    points = find_corners(trunk_before, _MAX_PATCHES, 0.02, 2, mask)
    if not len(points):
        return None
    moved, followed = follow_points(trunk_before, trunk_after, points, _PATCH_PX, levels=2)
    flow = (moved - points)[:, 0][followed]
    of_athlete = np.abs(flow[:, 0] - travel) < _SAME_TRAVEL * abs(travel) + 0.3
    if of_athlete.sum() < _MIN_PATCHES:
        return None
    return float(np.median(flow[of_athlete, 1]))
