"""From picture pixels to metres on the ground, for one fixed camera."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.measure.lens import Lens, checked_number
from pushoff.util.json_input import preview

_RANK = 0.01
"""Minimum ratio of the 8th to the 1st singular value of the DLT of the ground points onto
themselves: 0.36 for any rectangle, 0 for three of four on one line, 0.006 with the middle one 1 %
off it."""
_MISFIT = 0.01
"""Points further off than this share of their spread were mixed up, not clicked inaccurately."""
_ASSUMED_DISTANCE_M = 5.0
_ASSUMED_FIELD_OF_VIEW_DEG = 85.0
"""Horizontal, of a GoPro in its Linear mode."""


@dataclass(frozen=True)
class CameraSetup:
    """The camera's properties besides its scale; each field is a key of a calibration file."""

    lens: Lens | None = None
    lateral_offset_m: float = 0.2
    """One standard deviation of the athlete's line from the calibrated line: docs/domain.md,
    "Distances from one side camera"."""
    camera_distance_m: float | None = None
    """From the camera to the calibrated line; None: unknown."""
    click_px: float = 2.0
    """One standard deviation of each coordinate of a calibration point."""
    width_px: int | None = None
    height_px: int | None = None
    """Size of the video the points were read from; a video of another size is then refused."""

    def __post_init__(self) -> None:
        checked_number(self.lateral_offset_m, "lateral_offset_m", 0, 10)
        checked_number(self.click_px, "click_px", 0, 100)
        for name, low in (("camera_distance_m", 0.1), ("width_px", 16), ("height_px", 16)):
            if getattr(self, name) is not None:
                checked_number(getattr(self, name), name, low, 1e5)


@dataclass(frozen=True, eq=False)
class Calibration:
    """The mapping of a fixed camera between the runway and the picture."""

    method: str
    """`pixels_per_metre`, `two_points` or `ground_points`."""
    ground_to_px: np.ndarray
    """(3, 3) from homogeneous metres to undistorted pixels."""
    perturbed_homographies: np.ndarray = field(repr=False)
    """(K, 3, 3): `ground_to_px` with one clicked coordinate off by one standard deviation."""
    setup: CameraSetup
    points_px: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)), repr=False)
    """(N, 2) video pixels of the clicked points; none for a scale."""
    reprojection_px: float | None = None
    """RMS distance of the clicked ground points from their fit; None for a scale. Four points
    always fit: only a fifth makes it a check."""

    @property
    def has_depth(self) -> bool:
        """Whether a toe's row gives its lane: then the lateral offset is not an error."""
        return self.method == "ground_points"

    @property
    def distance_m(self) -> float:
        """From the camera to the line: as given, else focal length / scale, else 5 m.

        Without a lens the focal length is that of 85° across (GoPro Linear), and without a width
        5 m is the shortest distance of docs/domain.md, "Distances from one side camera": neither
        makes the lateral error look smaller.
        """
        setup, scale = self.setup, float(self.ground_to_px[0, 0])
        if setup.camera_distance_m is not None:
            return setup.camera_distance_m
        if setup.lens is not None:
            return setup.lens.fx_px / scale
        if setup.width_px is None:
            return _ASSUMED_DISTANCE_M
        half_angle = np.radians(_ASSUMED_FIELD_OF_VIEW_DEG / 2)
        return float(setup.width_px / (2 * np.tan(half_angle) * scale))

    def to_ground(self, points_px: np.ndarray, perturbed: int | None = None) -> np.ndarray:
        """(N, 2) metres of (N, 2) video pixels; NaN at and above the horizon or off the lens.

        `perturbed` selects a row of `perturbed_homographies` instead of the calibration itself.
        """
        points = np.asarray(points_px, float).reshape(-1, 2)
        undistorted = self.setup.lens.undistort(points) if self.setup.lens else points
        matrix = self.ground_to_px if perturbed is None else self.perturbed_homographies[perturbed]
        ground = np.c_[undistorted, np.ones(len(undistorted))] @ np.linalg.inv(matrix).T
        depth = np.where(ground[:, 2:] > 0, ground[:, 2:], np.nan)
        return ground[:, :2] / depth

    def check_picture(self, width_px: int, height_px: int) -> None:
        """Raise BadInput when the calibration was made on a picture of another size than the
        video's: its setup gives another size, or its points lie outside the video's picture."""
        size_px = (self.setup.width_px or width_px, self.setup.height_px or height_px)
        remedy = "Calibrate on a frame of this video's size."
        if size_px != (width_px, height_px):
            raise BadInput(
                f"The calibration is for a video of {size_px[0]} x {size_px[1]} px, but this video "
                f"is {width_px} x {height_px} px.",
                code="calibration_size",
                remedy=remedy,
            )
        for x, y in self.points_px:
            if not (0 <= x <= width_px and 0 <= y <= height_px):
                raise BadInput(
                    f"The calibration point ({x:g}, {y:g}) px lies outside the video's "
                    f"{width_px} x {height_px} px.",
                    code="calibration_point_outside",
                    remedy=remedy,
                )


def _points(value: object, name: str) -> np.ndarray:
    """(N, 2) float64 of N pairs of numbers."""
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
        raise BadInput(f"{name} must be a list of [x, y] pairs", code="invalid_value")
    for pair in value:
        if not isinstance(pair, Sequence | np.ndarray) or isinstance(pair, str) or len(pair) != 2:
            raise BadInput(
                f"{name} has {preview(pair)}, expected a pair of numbers", code="invalid_value"
            )
    return np.array([[checked_number(v, name) for v in pair] for pair in value]).reshape(-1, 2)


def from_scale(pixels_per_metre: float, setup: CameraSetup | None = None) -> Calibration:
    """A known scale along the runway; its error is taken as two clicks on one metre."""
    scale = checked_number(pixels_per_metre, "pixels_per_metre", 1, 1e5)
    setup = setup or CameraSetup()
    return _scaled("pixels_per_metre", scale, np.sqrt(2) * setup.click_px / scale, setup)


def from_two_points(
    points_px: Sequence[Sequence[float]] | np.ndarray,
    metres: float,
    setup: CameraSetup | None = None,
) -> Calibration:
    """Two points on the athlete's line, `metres` apart.

    Raises BadInput when they are so close that the clicks make more than 10 % of error.
    """
    setup = setup or CameraSetup()
    metres = checked_number(metres, "two_points metres", 0.01, 1000)
    clicked = _points(points_px, "two_points px")
    points = _undistort(clicked, setup)
    if len(points) != 2:
        raise BadInput(f"two_points px has {len(points)} points; give two", code="point_count")
    length_px = float(np.hypot(*(points[1] - points[0])))
    error_px = np.sqrt(2) * setup.click_px
    if length_px < max(10 * error_px, 1e-6):
        raise BadInput(
            f"The two points are only {length_px:.1f} px apart, too close for an accuracy of "
            f"{setup.click_px:g} px. Choose points further apart.",
            code="points_too_close",
        )
    return _scaled("two_points", length_px / metres, error_px / length_px, setup, clicked)


def from_ground_points(
    points_px: Sequence[Sequence[float]] | np.ndarray,
    points_m: Sequence[Sequence[float]] | np.ndarray,
    setup: CameraSetup | None = None,
) -> Calibration:
    """Four or more points (N, 2) px and (N, 2) m on the ground: a homography by normalised DLT.

    Source: Hartley & Zisserman, Multiple View Geometry, algorithm 4.2. Raises BadInput on too few
    points, points (nearly) on one line, or points that do not fit one plane.
    """
    setup = setup or CameraSetup()
    ground = _points(points_m, "ground_points m")
    clicked = _points(points_px, "ground_points px")
    pixels = _undistort(clicked, setup)
    _check_spread(ground, pixels, setup)
    matrix, _ = _fit_homography(ground, pixels)
    depth = np.c_[ground, np.ones(len(ground))] @ matrix[2]
    matrix, depth = matrix * np.sign(depth[0]), depth * np.sign(depth[0])
    if depth.min() <= 0:
        raise BadInput(
            "The lines between the ground points cross. Check the order of the points.",
            code="points_crossed",
        )
    misfit_px = np.hypot(*(_project(matrix, ground) - pixels).T)
    if misfit_px.max() > _MISFIT * np.ptp(pixels, axis=0).max():
        raise BadInput(
            f"The ground points do not fit a flat runway (point {int(misfit_px.argmax()) + 1} is "
            f"{misfit_px.max():.0f} px off). Check their order and measurements.",
            code="points_not_flat",
        )
    degrees_of_freedom = max(2 * len(pixels) - 8, 1)
    click_px = max(setup.click_px, np.sqrt(np.square(misfit_px).sum() / degrees_of_freedom))
    shifts_px = click_px * np.eye(pixels.size).reshape(-1, *pixels.shape)  # (2N, N, 2)
    perturbed = [_fit_homography(ground, pixels + shift_px)[0] for shift_px in shifts_px]
    perturbed = [other * np.sign(other[2] @ [*ground[0], 1]) for other in perturbed]
    rms_px = float(np.sqrt(np.square(misfit_px).mean()))
    return Calibration("ground_points", matrix, np.array(perturbed), setup, clicked, rms_px)


_ON_ONE_LINE = "The points are almost on one line. Choose the four corners of a rectangle."


def _check_spread(ground: np.ndarray, pixels: np.ndarray, setup: CameraSetup) -> None:
    """Raise BadInput unless the points determine a homography."""
    if len(ground) != len(pixels) or len(ground) < 4:
        raise BadInput(
            f"{len(ground)} ground points; give four or more, each with px and m",
            code="point_count",
        )
    for points, noise in ((pixels, setup.click_px), (ground, 0.0)):
        along, across = np.linalg.svd(points - points.mean(0), compute_uv=False)
        if across / np.sqrt(len(points)) <= max(noise, 1e-3 * along / np.sqrt(len(points))):
            raise BadInput(
                _ON_ONE_LINE,
                code="points_on_line",
            )
    flat = _project(_normaliser(ground, isotropic=False), ground)
    if _fit_homography(flat, flat)[1] < _RANK:
        raise BadInput(
            _ON_ONE_LINE,
            code="points_on_line",
        )


def _undistort(points: np.ndarray, setup: CameraSetup) -> np.ndarray:
    if setup.lens is None:
        return points
    undistorted = setup.lens.undistort(points)
    if not np.isfinite(undistorted).all():
        raise BadInput(
            "A calibration point is outside the range of this lens model. Check k1, k2, k3.",
            code="lens_folds",
        )
    return undistorted


def _scaled(
    method: str,
    scale: float,
    error: float,
    setup: CameraSetup,
    clicked: np.ndarray | None = None,
) -> Calibration:
    """A calibration of `scale` px/m with a relative `error`."""
    perturbed = np.diag([scale * (1 + error)] * 2 + [1.0])[None]
    points = np.zeros((0, 2)) if clicked is None else clicked
    return Calibration(method, np.diag([scale, scale, 1.0]), perturbed, setup, points)


def _project(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    homogeneous = np.c_[points, np.ones(len(points))] @ matrix.T
    return homogeneous[:, :2] / homogeneous[:, 2:]


def _fit_homography(ground: np.ndarray, pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """(3, 3) homography between two (N, 2) point lists, and how well they determine it (0 to 1).

    Rows are divided by the depth of the previous fit, twice, so that pixels are minimised.
    """
    normalise_ground = _normaliser(ground, isotropic=False)
    normalise_pixels = _normaliser(pixels, isotropic=True)
    source = np.c_[_project(normalise_ground, ground), np.ones(len(ground))]
    (u, v), zero, depth = _project(normalise_pixels, pixels).T[:, :, None], 0 * source, 1.0
    for _ in range(3):
        rows = [np.c_[source, zero, -u * source], np.c_[zero, source, -v * source]]
        _, sizes, basis = np.linalg.svd(np.concatenate([row / depth for row in rows]))  # (2N, 9)
        depth = np.abs(source @ basis[-1, 6:])[:, None] + 1e-12
    matrix = np.linalg.inv(normalise_pixels) @ basis[-1].reshape(3, 3) @ normalise_ground
    return matrix / np.linalg.norm(matrix), float(sizes[7] / sizes[0])


def _normaliser(points: np.ndarray, *, isotropic: bool) -> np.ndarray:
    """(3, 3) affine map to mean 0 and unit spread, over all axes together or along each."""
    centre = points.mean(0)
    _, sizes, axes = np.linalg.svd(points - centre, full_matrices=False)
    sizes = np.full(2, np.sqrt(np.square(sizes).mean())) if isotropic else sizes
    linear = axes * (np.sqrt(len(points)) / sizes)[:, None]
    return np.block([[linear, (-linear @ centre)[:, None]], [np.zeros((1, 2)), np.ones((1, 1))]])
