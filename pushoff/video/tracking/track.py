"""One person's outline, followed through one unbroken scene by either kind of tracker."""

from dataclasses import dataclass, replace

import numpy as np

from pushoff.video.tracking.stabilization import unstabilize

TWO_PEOPLE = "Two people move through the frame. The larger one, nearer the camera, is analysed."
"""The warning when a second person travels too."""


@dataclass(frozen=True, eq=False)
class SceneTrack:
    """One person's outline in each of N frames, in pixels of the tracker's images."""

    bounds: np.ndarray
    """(N, 6) float: left, top, right, bottom, and x and y of the centre of mass; NaN where nobody
    was found. Of stabilized frames where `transforms` is given."""
    camera: str
    """fixed, panning or unknown."""
    note: str = ""
    """Why nobody was found."""
    direction: str | None = None
    """left or right over the ground."""
    height_px: float = 0.0
    """Head to toe while travelling."""
    transforms: np.ndarray | None = None
    """(N, 2, 3) affine from each frame as filmed to its stabilized self."""
    drift: np.ndarray | None = None
    """(N, 2) how far a panning camera has moved over the ground, in pixels; None: it is fixed."""
    jolts: tuple[int, ...] = ()
    """Frames in which a fixed camera was knocked; the frames are stabilized across them."""
    warnings: tuple[str, ...] = ()

    @property
    def found(self) -> np.ndarray:
        """(N,) bool."""
        return ~np.isnan(self.bounds[:, 0])

    def as_filmed(self, points: np.ndarray) -> np.ndarray:
        """Where (N, 2) points of the stabilized frames lie in the frames as filmed, (N, 2)."""
        return points if self.transforms is None else unstabilize(points, self.transforms)

    def expanded(self, indices: np.ndarray, count: int) -> "SceneTrack":
        """The same over `count` frames, of which only those of the (N,) `indices` were tracked."""
        bounds = np.full((count, 6), np.nan)
        bounds[indices] = self.bounds
        nearest = np.clip(np.searchsorted(indices, np.arange(count)), 0, len(indices) - 1)
        transforms = None if self.transforms is None else self.transforms[nearest]
        # slow sway over skipped frames looks like a jolt
        jolts = tuple(
            int(indices[row]) for row in self.jolts if indices[row] - indices[row - 1] == 1
        )
        drift = None if self.drift is None else self.drift[nearest]
        return replace(self, bounds=bounds, transforms=transforms, drift=drift, jolts=jolts)


def nobody(count: int, camera: str, note: str) -> SceneTrack:
    """The track of a scene in which nobody could be followed, and why."""
    return SceneTrack(np.full((count, 6), np.nan), camera, note)


def standing_height_px(bounds: np.ndarray, moving: np.ndarray, width: int) -> float:
    """Head to toe of a person: 80th percentile of (N, 6) outlines in the `moving` (N,) frames.

    A runner is tallest in flight and shorter in deep contact; the percentile is what most
    strides reach, and one outline joined with another person's does not count. Outlines cut by
    the left or right edge of an image `width` wide count only when there are no others.
    """
    heights = bounds[:, 3] - bounds[:, 1]
    seen = ~np.isnan(heights)
    whole = seen & (bounds[:, 0] > 0.5) & (bounds[:, 2] < width - 0.5)
    options = (moving & whole, moving & seen, whole, seen)
    chosen = next(option for option in options if option.any())
    return float(np.percentile(heights[chosen], 80))
