"""A ground calibration as a JSON file or object.

The file is one object with exactly one of three methods:

    {"pixels_per_metre": 246}
    {"two_points": {"px": [[310, 900], [925, 904]], "metres": 2.5}}
    {"ground_points": [{"px": [210, 870], "m": [0, 0]}, {"px": [905, 872], "m": [2.5, 0]}, ...]}

`px` is [x, y] in the video's full-size pixels, origin at the top left; `m` is [along, across] the
runway, four points or more. Optional beside it: `"lens"`: {"fx", "fy", "cx", "cy" (pixels), "k1",
"k2", "p1", "p2", "k3" (0 by default)}, as OpenCV and Kinovea write a lens, and the fields of
`CameraSetup`. Any other key is refused.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pushoff.errors import BadInput
from pushoff.events.measure.ground_calibration import (
    Calibration,
    CameraSetup,
    from_ground_points,
    from_scale,
    from_two_points,
)
from pushoff.events.measure.lens import Lens
from pushoff.util.json_input import (
    FORBID_UNKNOWN,
    Between,
    Number,
    TypeAdapter,
    read_json,
    validate,
)

_MAX_BYTES = 1 << 20
_MAX_POINTS = 200
_Pair = tuple[Number, Number]
_Side = Annotated[int, Between(16, 100_000)]


@dataclass(frozen=True)
class _TwoPoints:
    __pydantic_config__ = FORBID_UNKNOWN

    px: list[_Pair]
    metres: Number


@dataclass(frozen=True)
class _GroundPoint:
    __pydantic_config__ = FORBID_UNKNOWN

    px: _Pair
    m: _Pair


@dataclass(frozen=True)
class _Lens:
    __pydantic_config__ = FORBID_UNKNOWN

    fx: Number
    fy: Number
    cx: Number
    cy: Number
    k1: Number = 0.0
    k2: Number = 0.0
    p1: Number = 0.0
    p2: Number = 0.0
    k3: Number = 0.0


@dataclass(frozen=True)
class _CalibrationFile:
    """The keys of a calibration file; `CameraSetup`, `Lens` and the methods check the ranges."""

    __pydantic_config__ = FORBID_UNKNOWN

    pixels_per_metre: Number | None = None
    two_points: _TwoPoints | None = None
    ground_points: list[_GroundPoint] | None = None
    lens: _Lens | None = None
    lateral_offset_m: Number = CameraSetup.lateral_offset_m
    camera_distance_m: Number | None = None
    click_px: Number = CameraSetup.click_px
    width_px: _Side | None = None
    height_px: _Side | None = None


_FILE = TypeAdapter(_CalibrationFile)


def load_calibration(path: Path) -> Calibration:
    """Read a calibration file (format above). Raises BadInput, naming the file and the value."""
    return parse_calibration(read_json(path, _MAX_BYTES), str(path))


def parse_calibration(data: object, what: str = "the calibration") -> Calibration:
    """The calibration that an object of the format above describes; `what` begins the messages.

    Raises BadInput, naming the value.
    """
    if isinstance(data, dict) and (absent := [key for key, value in data.items() if value is None]):
        raise BadInput(f"{what}: {absent[0]} is null; remove this key", code="invalid_value")
    file = validate(_FILE, data, what)
    try:
        return _calibrate(file)
    except BadInput as error:
        raise BadInput(f"{what}: {error}", code=error.code) from None


def _calibrate(file: _CalibrationFile) -> Calibration:
    methods = (file.pixels_per_metre, file.two_points, file.ground_points)
    if (count := sum(method is not None for method in methods)) != 1:
        raise BadInput(
            f"{count} of pixels_per_metre, two_points and ground_points are given; give one",
            code="calibration_method",
        )
    setup = CameraSetup(
        lens=_lens(file.lens) if file.lens else None,
        lateral_offset_m=file.lateral_offset_m,
        camera_distance_m=file.camera_distance_m,
        click_px=file.click_px,
        width_px=file.width_px,
        height_px=file.height_px,
    )
    if file.two_points is not None:
        return from_two_points(file.two_points.px, file.two_points.metres, setup)
    if file.pixels_per_metre is not None:
        return from_scale(file.pixels_per_metre, setup)
    points = file.ground_points or []
    if len(points) > _MAX_POINTS:
        raise BadInput(f"{len(points)} ground points; give 4 to {_MAX_POINTS}")
    return from_ground_points([point.px for point in points], [point.m for point in points], setup)


def _lens(lens: _Lens) -> Lens:
    return Lens(
        fx_px=lens.fx,
        fy_px=lens.fy,
        cx_px=lens.cx,
        cy_px=lens.cy,
        k1=lens.k1,
        k2=lens.k2,
        p1=lens.p1,
        p2=lens.p2,
        k3=lens.k3,
    )
