"""From picture pixels to metres on the ground, for one fixed camera."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pushoff.errors import BadInput
from pushoff.events.measure.lens import Lens, checked_number
from pushoff.util.json_input import preview

_RANK = 0.01
"""Least ratio of the 8th to the 1st singular value of the DLT of the ground points onto themselves:
0.36 for any rectangle, 0 for three of four on one line, 0.006 with the middle one 1 % off it."""
_MISFIT = 0.01
"""Points further off than this part of their spread were mixed up, not clicked badly."""


def _points(value: object, name: str) -> np.ndarray:
    """(N, 2) float64 of N pairs of numbers."""
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
        raise BadInput(f"{name} must be a list of [x, y] pairs")
    for pair in value:
        if not isinstance(pair, Sequence | np.ndarray) or isinstance(pair, str) or len(pair) != 2:
            raise BadInput(f"{name} holds {preview(pair)}: each point must be two numbers")
    return np.array([[checked_number(v, name) for v in pair] for pair in value]).reshape(-1, 2)


@dataclass(frozen=True)
class CameraSetup:
    """What is known of the camera beside its scale; each field is a key of a calibration file."""

    lens: Lens | None = None
    lateral_offset_m: float = 0.2
    """One standard deviation of the athlete's line from the calibrated line: docs/domain.md,
    "Distances from one side camera"."""
    camera_distance_m: float | None = None
    """From the camera to the calibrated line."""
    click_px: float = 2.0
    """One standard deviation of each coordinate of a calibration point."""
    width_px: int | None = None
    height_px: int | None = None
    """Of the video the points were read from; a video of another size is then refused."""

    def __post_init__(self) -> None:
        checked_number(self.lateral_offset_m, "lateral_offset_m", 0, 10)
        checked_number(self.click_px, "click_px", 0, 100)
        for name, low in (("camera_distance_m", 0.1), ("width_px", 16), ("height_px", 16)):
            if getattr(self, name) is not None:
                checked_number(getattr(self, name), name, low, 1e5)


@dataclass(frozen=True, eq=False)
class Calibration:
    """How a fixed camera maps the runway."""

    method: str
    """`pixels_per_metre`, `two_points` or `ground_points`."""
    ground_to_px: np.ndarray
    """(3, 3) from homogeneous metres to straight-lens pixels."""
    one_click_off: np.ndarray = field(repr=False)
    """(K, 3, 3): what `ground_to_px` would be, had one click been off by its deviation."""
    setup: CameraSetup
    points_px: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)), repr=False)
    """(K, 2) the video pixels that were clicked; none for a scale."""
    reprojection_px: float | None = None
    """RMS distance from the clicked ground points to where the fit puts them; None for a scale.
    Four points always fit: only a fifth makes it a check."""

    @property
    def sees_depth(self) -> bool:
        """Whether a toe's row tells its lane: then the lateral offset is no error."""
        return self.method == "ground_points"

    @property
    def distance_m(self) -> float:
        """Camera to line: as given, else focal length / scale, else 5 m.

        Without a lens the focal length is that of 85° across (GoPro Linear), and without a width
        5 m is the nearest of docs/domain.md, "Distances from one side camera": neither makes the
        lateral error look smaller.
        """
        setup, scale = self.setup, float(self.ground_to_px[0, 0])
        if setup.camera_distance_m is not None:
            return setup.camera_distance_m
        if setup.lens is not None:
            return setup.lens.fx_px / scale
        return setup.width_px / (2 * np.tan(np.radians(42.5)) * scale) if setup.width_px else 5.0

    def to_ground(self, points_px: np.ndarray, click: int | None = None) -> np.ndarray:
        """(N, 2) metres of (N, 2) video pixels; NaN at and above the horizon or off the lens.

        `click` takes that row of `one_click_off` instead of the calibration itself.
        """
        points = np.asarray(points_px, float).reshape(-1, 2)
        straight = self.setup.lens.undistort(points) if self.setup.lens else points
        matrix = self.ground_to_px if click is None else self.one_click_off[click]
        ground = np.c_[straight, np.ones(len(straight))] @ np.linalg.inv(matrix).T
        depth = np.where(ground[:, 2:] > 0, ground[:, 2:], np.nan)
        return ground[:, :2] / depth

    def to_px(self, points_m: np.ndarray) -> np.ndarray:
        """(N, 2) video pixels of (N, 2) metres on the ground."""
        straight = _project(self.ground_to_px, np.asarray(points_m, float).reshape(-1, 2))
        return self.setup.lens.distort(straight) if self.setup.lens else straight

    def check_picture(self, width_px: int, height_px: int) -> None:
        """Raise BadInput when the calibration was read off a picture of another size than the
        video's: it says so, or its points lie outside of the video's picture."""
        wanted = (self.setup.width_px or width_px, self.setup.height_px or height_px)
        if wanted != (width_px, height_px):
            raise BadInput(
                f"the calibration is for {wanted[0]} x {wanted[1]} px, the video has "
                f"{width_px} x {height_px}: calibrate on a frame of this video's size"
            )
        for x, y in self.points_px:
            if not (0 <= x <= width_px and 0 <= y <= height_px):
                raise BadInput(
                    f"the calibration point ({x:g}, {y:g}) px lies outside of the video's "
                    f"{width_px} x {height_px} px: calibrate on a frame of this video's size"
                )


def from_scale(pixels_per_metre: float, setup: CameraSetup | None = None) -> Calibration:
    """A known scale along the runway; its error is taken as two clicks on one metre."""
    scale = checked_number(pixels_per_metre, "pixels_per_metre", 1, 1e5)
    setup = setup or CameraSetup()
    return _scaled("pixels_per_metre", scale, np.sqrt(2) * setup.click_px / scale, setup)


def from_two_points(
    points_px: Sequence[Sequence[float]], metres: float, setup: CameraSetup | None = None
) -> Calibration:
    """Two points on the athlete's line, `metres` apart.

    Raises BadInput when they are so close that clicking makes more than 10 % of error.
    """
    setup = setup or CameraSetup()
    metres = checked_number(metres, "two_points metres", 0.01, 1000)
    clicked = _points(points_px, "two_points px")
    points = _straight(clicked, setup)
    if len(points) != 2:
        raise BadInput(f"two_points px holds {len(points)} points: give two")
    length = float(np.hypot(*(points[1] - points[0])))
    error = np.sqrt(2) * setup.click_px
    if length < max(10 * error, 1e-6):
        raise BadInput(
            f"the two points are {length:.1f} px apart, with clicks good to {setup.click_px:g} px: "
            "take points further apart"
        )
    return _scaled("two_points", length / metres, error / length, setup, clicked)


def from_ground_points(
    points_px: Sequence[Sequence[float]],
    points_m: Sequence[Sequence[float]],
    setup: CameraSetup | None = None,
) -> Calibration:
    """Four or more points (N, 2) px and (N, 2) m on the ground: a homography by normalised DLT.

    Source: Hartley & Zisserman, Multiple View Geometry, algorithm 4.2. Raises BadInput on too few
    points, points (nearly) on one line, or points that do not fit one plane.
    """
    setup = setup or CameraSetup()
    ground = _points(points_m, "ground_points m")
    clicked = _points(points_px, "ground_points px")
    pixels = _straight(clicked, setup)
    if len(ground) != len(pixels) or len(ground) < 4:
        raise BadInput(f"{len(ground)} ground points: give four or more, each with px and m")
    for points, noise, where in ((pixels, setup.click_px, "picture"), (ground, 0.0, "ground")):
        along, across = np.linalg.svd(points - points.mean(0), compute_uv=False)
        if across / np.sqrt(len(points)) <= max(noise, 1e-3 * along / np.sqrt(len(points))):
            raise BadInput(
                f"the ground points lie nearly on one line in the {where}: take some from both "
                "edges of the runway"
            )
    flat = _project(_normaliser(ground, every_way=True), ground)
    if _fit(flat, flat)[1] < _RANK:
        raise BadInput("too many ground points share one line: take four corners of a rectangle")
    matrix, _ = _fit(ground, pixels)
    depth = np.c_[ground, np.ones(len(ground))] @ matrix[2]
    matrix, depth = matrix * np.sign(depth[0]), depth * np.sign(depth[0])
    if depth.min() <= 0:
        raise BadInput("the ground points cross in the picture: check which px belongs to which m")
    misfit = np.hypot(*(_project(matrix, ground) - pixels).T)
    if misfit.max() > _MISFIT * np.ptp(pixels, axis=0).max():
        raise BadInput(
            f"the ground points do not fit one flat runway (point {int(misfit.argmax()) + 1} is "
            f"{misfit.max():.0f} px off): check their order, or give the lens"
        )
    spare = max(2 * len(pixels) - 8, 1)  # four points leave nothing over
    click = max(setup.click_px, np.sqrt(np.square(misfit).sum() / spare))
    moved = pixels + click * np.eye(pixels.size).reshape(-1, *pixels.shape)  # (2N, N, 2)
    clicks = [_fit(ground, each)[0] for each in moved]
    clicks = [each * np.sign(each[2] @ [*ground[0], 1]) for each in clicks]
    rms = float(np.sqrt(np.square(misfit).mean()))
    return Calibration("ground_points", matrix, np.array(clicks), setup, clicked, rms)


def _straight(points: np.ndarray, setup: CameraSetup) -> np.ndarray:
    if setup.lens is None:
        return points
    straight = setup.lens.undistort(points)
    if not np.isfinite(straight).all():
        raise BadInput("a calibration point lies where the lens folds over: check k1, k2, k3")
    return straight


def _scaled(
    method: str,
    scale: float,
    error: float,
    setup: CameraSetup,
    clicked: Sequence[Sequence[float]] = (),
) -> Calibration:
    off = np.diag([scale * (1 + error)] * 2 + [1.0])[None]
    points = np.array(clicked, float).reshape(-1, 2)
    return Calibration(method, np.diag([scale, scale, 1.0]), off, setup, points)


def _project(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    moved = np.c_[points, np.ones(len(points))] @ matrix.T
    return moved[:, :2] / moved[:, 2:]


def _fit(ground: np.ndarray, pixels: np.ndarray) -> tuple[np.ndarray, float]:
    """(3, 3) homography of two (N, 2) point lists, and how well they pin it down (0 to 1).

    Rows are divided by the depth found before, twice, so that pixels are what is minimised.
    """
    to_unit, to_square = _normaliser(ground, True), _normaliser(pixels, False)
    source = np.c_[_project(to_unit, ground), np.ones(len(ground))]
    (u, v), zero, depth = _project(to_square, pixels).T[:, :, None], 0 * source, 1.0
    for _ in range(3):
        rows = [np.c_[source, zero, -u * source], np.c_[zero, source, -v * source]]
        _, sizes, basis = np.linalg.svd(np.concatenate([row / depth for row in rows]))  # (2N, 9)
        depth = np.abs(source @ basis[-1, 6:])[:, None] + 1e-12
    matrix = np.linalg.inv(to_square) @ basis[-1].reshape(3, 3) @ to_unit
    return matrix / np.linalg.norm(matrix), float(sizes[7] / sizes[0])


def _normaliser(points: np.ndarray, every_way: bool) -> np.ndarray:
    """(3, 3) affine map to mean 0 and unit spread, `every_way` or over all."""
    centre = points.mean(0)
    _, sizes, axes = np.linalg.svd(points - centre, full_matrices=False)
    sizes = sizes if every_way else np.full(2, np.sqrt(np.square(sizes).mean()))
    linear = axes * (np.sqrt(len(points)) / sizes)[:, None]
    return np.block([[linear, (-linear @ centre)[:, None]], [np.zeros((1, 2)), np.ones((1, 1))]])
