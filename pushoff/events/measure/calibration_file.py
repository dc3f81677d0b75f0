"""A calibration as a JSON file or object.

The file is one object with exactly one of three methods:

    {"pixels_per_metre": 246}
    {"two_points": {"px": [[310, 900], [925, 904]], "metres": 2.5}}
    {"ground_points": [{"px": [210, 870], "m": [0, 0]}, {"px": [905, 872], "m": [2.5, 0]}, ...]}

`px` is [x, y] in the video's full-size pixels, origin at the top left; `m` is [along, across] the
runway, four points or more, no three of the only four on one line. Beside it may stand
`"lens"`: {"fx", "fy", "cx", "cy" (pixels), "k1", "k2", "p1", "p2", "k3" (0 if left out)}, as
OpenCV and Kinovea write a lens, and the fields of `CameraSetup`. Anything else is refused.
"""

from dataclasses import fields
from pathlib import Path

from pushoff.errors import BadInput
from pushoff.events.measure.ground_calibration import (
    Calibration,
    CameraSetup,
    from_ground_points,
    from_scale,
    from_two_points,
)
from pushoff.events.measure.lens import Lens
from pushoff.util.json_input import preview, read_json

_LARGEST_BYTES = 1 << 20


def load_calibration(path: Path) -> Calibration:
    """Read a calibration file (format above). Raises BadInput, naming the file and the value."""
    path = Path(path)
    data = read_json(path, _LARGEST_BYTES)
    try:
        return read_calibration(data)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None


def read_calibration(data: object) -> Calibration:
    """The calibration that an object as above describes. Raises BadInput, naming the value."""
    methods = ("pixels_per_metre", "two_points", "ground_points")
    data = _keys(data, "the calibration", (), (*methods, *(f.name for f in fields(CameraSetup))))
    given = [method for method in methods if method in data]
    if len(given) != 1:
        raise BadInput(f"give exactly one of {', '.join(methods)}, not {len(given)}")
    beside = {key: value for key, value in data.items() if key not in methods}
    if "lens" in beside:
        pixels = ("fx", "fy", "cx", "cy")
        lens = _keys(beside["lens"], "lens", pixels, ("k1", "k2", "p1", "p2", "k3"))
        beside["lens"] = Lens(**{k + "_px" * (k in pixels): v for k, v in lens.items()})
    if None in beside.values():
        raise BadInput("null is no number: leave the key out instead")
    setup, value = CameraSetup(**beside), data[given[0]]
    if given[0] == "pixels_per_metre":
        return from_scale(value, setup)
    if given[0] == "two_points":
        value = _keys(value, "two_points", ("px", "metres"))
        return from_two_points(value["px"], value["metres"], setup)
    if not isinstance(value, list) or not 4 <= len(value) <= 200:
        raise BadInput("ground_points must be a list of 4 to 200 points")
    points = [_keys(point, "a ground point", ("px", "m")) for point in value]
    return from_ground_points([p["px"] for p in points], [p["m"] for p in points], setup)


def _keys(value: object, name: str, needed: tuple, allowed: tuple = ()) -> dict:
    if not isinstance(value, dict):
        raise BadInput(f"{name} must be an object with {', '.join(needed + allowed)}")
    if wrong := [k for k in value if k not in needed + allowed]:
        raise BadInput(f"{name} has {preview(wrong[0])}, not one of {', '.join(needed + allowed)}")
    if missing := [k for k in needed if k not in value]:
        raise BadInput(f"{name} lacks {preview(missing[0])}")
    return value
