import json

import numpy as np
import pytest

from pushoff.errors import BadInput
from pushoff.events.measure.calibration_file import load_calibration
from pushoff.events.measure.lens import Lens
from tests.unit.events.measure.test_ground_calibration import CORNERS, seen
from tests.unit.events.python_words import PYTHON


def test_files_of_each_kind(tmp_path):
    """The three methods, a lens and the setup are read as documented."""
    path = tmp_path / "runway.json"
    path.write_text('{"pixels_per_metre": 246, "lateral_offset_m": 0.1, "width_px": 2704}')
    scale = load_calibration(path)
    assert np.allclose(scale.to_ground([[246, 492]]), [[1, 2]])
    assert (scale.method, scale.setup.lateral_offset_m) == ("pixels_per_metre", 0.1)
    path.write_text('{"two_points": {"px": [[310, 900], [925, 900]], "metres": 2.5}}')
    assert np.allclose(load_calibration(path).to_ground([[246, 492]]), [[1, 2]])
    lens = Lens(1475, 1475, 1352, 760, k1=-0.02)
    points = [
        {"px": list(px), "m": m} for px, m in zip(seen(CORNERS, lens=lens), CORNERS, strict=True)
    ]
    bent = {"fx": 1475, "fy": 1475, "cx": 1352, "cy": 760, "k1": -0.02}
    path.write_text(json.dumps({"ground_points": points, "lens": bent, "camera_distance_m": 6}))
    assert np.allclose(load_calibration(path).to_ground(seen([1, 0.3], lens=lens)), [[1, 0.3]])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "\x00",
        "[" * 100_000,
        "{}",
        '{"pixels_per_metre": 246, "two_points": {"px": [[0, 0], [500, 0]], "metres": 2}}',
        '{"pixels_per_metre": 246, "pixels_per_metre": 247}',
        '{"pixels_per_metre": 246, "lense": {}}',
        '{"pixels_per_metre": NaN}',
        '{"pixels_per_metre": Infinity}',
        '{"pixels_per_metre": true}',
        '{"pixels_per_metre": "246"}',
        '{"pixels_per_metre": null}',
        '{"pixels_per_metre": 0}',
        '{"pixels_per_metre": -246}',
        '{"pixels_per_metre": 1e400}',
        '{"pixels_per_metre": 1' + "0" * 400 + "}",
        '{"pixels_per_metre": 1' + "0" * 5000 + "}",
        '{"pixels_per_metre": [246]}',
        '{"pixels_per_metre": 246, "lateral_offset_m": -1}',
        '{"pixels_per_metre": 246, "camera_distance_m": 0}',
        '{"pixels_per_metre": 246, "camera_distance_m": null}',
        '{"pixels_per_metre": 246, "width_px": true}',
        '{"pixels_per_metre": 246, "lens": []}',
        '{"pixels_per_metre": 246, "lens": {"fx": 1475}}',
        '{"pixels_per_metre": 246, "lens": {"fx": 0, "fy": 1, "cx": 1, "cy": 1}}',
        '{"pixels_per_metre": 246, "lens": {"fx": 1, "fy": 1, "cx": 1, "cy": NaN}}',
        '{"two_points": [[0, 0], [500, 0]]}',
        '{"two_points": {"px": [[0, 0], [500, 0]]}}',
        '{"two_points": {"px": [[0, 0], [500, 0]], "metres": 0}}',
        '{"two_points": {"px": [[0, 0], [5, 0]], "metres": 2}}',
        '{"two_points": {"px": [[0, 0]], "metres": 2}}',
        '{"two_points": {"px": [[0, 0], [500]], "metres": 2}}',
        '{"two_points": {"px": [[0, 0], "50"], "metres": 2}}',
        '{"two_points": {"px": [], "metres": 2}}',
        '{"two_points": {"px": 7, "metres": 2}}',
        '{"ground_points": 4}',
        '{"ground_points": [[0, 0], [1, 0], [1, 1], [0, 1]]}',
        '{"ground_points": [{"px": [0, 0]}, {}, {}, {}]}',
    ],
)
def test_invalid_calibration_file(tmp_path, text):
    """Anything else is refused with the file's name."""
    path = tmp_path / "runway.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=r"runway\.json") as refused:
        load_calibration(path)
    assert not PYTHON.search(str(refused.value)), refused.value


def test_a_missing_or_huge_file(tmp_path):
    """A missing file and one far too large are refused."""
    with pytest.raises(BadInput, match=r"none\.json") as refused:
        load_calibration(tmp_path / "none.json")
    assert refused.value.code == "unreadable_file"
    path = tmp_path / "video.json"
    path.write_bytes(b" " * (2 << 20))
    with pytest.raises(BadInput, match=r"video\.json") as refused:
        load_calibration(path)
    assert refused.value.code == "file_too_large"
