"""Somebody followed through one unbroken view, whatever the camera did."""

from dataclasses import dataclass, replace

import numpy as np

from pushoff.video.tracking.stabilization import unstabilize

TWO_PEOPLE = (
    "Two people travel through the picture; the larger one, nearer the camera, is followed."
)


@dataclass(frozen=True)
class Sighting:
    """One person's outline in each of N frames, in pixels of the tracking picture."""

    bounds: np.ndarray
    """(N, 6) float: left, top, right, bottom and middle of mass; NaN where not found. Of steadied
    pictures where `transforms` is given."""
    camera: str
    """fixed, panning or unknown."""
    note: str = ""
    """Why nobody was found."""
    direction: str | None = None
    """left or right over the ground."""
    height_px: float = 0.0
    """Head to toe while travelling, at the zoom of 1."""
    zoom: np.ndarray | float = 1.0
    """(N,) float: the camera's zoom against its usual one; one number when it does not zoom."""
    transforms: np.ndarray | None = None
    """(N, 2, 3) from each frame as filmed to its steadied self."""
    drift: np.ndarray | None = None
    """(N, 2) how far a panning camera has moved over the ground, in pixels; None: it is fixed."""
    knocks: tuple[int, ...] = ()
    """Frames in which a fixed camera was knocked and has been steadied again."""
    warnings: tuple[str, ...] = ()

    @property
    def found(self) -> np.ndarray:
        """(N,) bool."""
        return ~np.isnan(self.bounds[:, 0])

    def as_filmed(self, points: np.ndarray) -> np.ndarray:
        """(N, 2) points of the steadied frames, where they lie in the frames as filmed."""
        return points if self.transforms is None else unstabilize(points, self.transforms)

    def spread(self, shown: np.ndarray, count: int) -> "Sighting":
        """The same over `count` frames of which only the (N,) indices `shown` were looked at."""
        bounds = np.full((count, 6), np.nan)
        bounds[shown] = self.bounds
        nearest = np.clip(np.searchsorted(shown, np.arange(count)), 0, len(shown) - 1)
        transforms = None if self.transforms is None else self.transforms[nearest]
        # over a stretch that was left out, slow sway looks like a knock
        knocks = tuple(int(shown[at]) for at in self.knocks if shown[at] - shown[at - 1] == 1)
        drift = None if self.drift is None else self.drift[nearest]
        zoom = self.zoom if np.isscalar(self.zoom) else np.asarray(self.zoom)[nearest]
        return replace(
            self, bounds=bounds, transforms=transforms, drift=drift, zoom=zoom, knocks=knocks
        )


def nobody(count: int, camera: str, note: str) -> Sighting:
    """Nobody could be followed, and why."""
    return Sighting(np.full((count, 6), np.nan), camera, note)


def usual_height(bounds: np.ndarray, moving: np.ndarray, width: int) -> float:
    """Head to toe of the (N, 6) outlines of frames that are `moving`: their 80th percentile.

    A runner is tallest in flight and shorter in deep contact; the percentile is what most
    strides reach, and one outline joined with another person's does not count. Outlines cut by
    the left or right edge of a picture `width` wide count only when there are no others.
    """
    tall = bounds[:, 3] - bounds[:, 1]
    seen = ~np.isnan(tall)
    whole = seen & (bounds[:, 0] > 0.5) & (bounds[:, 2] < width - 0.5)
    chosen = next(one for one in (moving & whole, moving & seen, whole, seen) if one.any())
    return float(np.percentile(tall[chosen], 80))
