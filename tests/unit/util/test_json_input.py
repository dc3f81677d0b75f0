import json
from dataclasses import dataclass
from typing import Annotated, Literal

import pytest

from pushoff.errors import BadInput, StorageFailed
from pushoff.util.json_input import (
    FORBID_UNKNOWN,
    Between,
    Flag,
    Text,
    TypeAdapter,
    preview,
    read_json,
    validate,
)
from pushoff.values import Exercise


@dataclass(frozen=True)
class Point:
    x_px: Annotated[float, Between(0, 100)]
    frame: Annotated[int, Between(0, 10_000_000)] = 0
    name: Text | None = None
    visible: Flag = True
    side: Literal["left", "right"] | None = None

    def __post_init__(self):
        if self.frame == 13:
            raise BadInput("frame 13 is never used", code="unlucky_frame")


@dataclass(frozen=True)
class Track:
    __pydantic_config__ = FORBID_UNKNOWN

    points: tuple[Point, ...]
    exercise: Exercise = Exercise.HOPS


TRACK = TypeAdapter(Track)


def test_a_valid_object():
    """An object becomes the dataclass; 7.0 is a whole number and null an absent optional value."""
    track = validate(
        TRACK,
        {"points": [{"x_px": 5, "frame": 7.0, "name": None}], "exercise": "triple"},
        "track.json",
    )
    assert track == Track((Point(5.0, 7),), Exercise.TRIPLE)
    assert isinstance(track.points[0].frame, int)


@pytest.mark.parametrize(
    ("point", "names"),
    [
        ({}, "points[0].x_px is missing"),
        ({"x_px": 101}, "points[0].x_px is 101, expected a number from 0 to 100"),
        ({"x_px": "5"}, 'points[0].x_px is "5", expected a number'),
        ({"x_px": True}, "points[0].x_px is true,"),
        ({"x_px": float("nan")}, "points[0].x_px is NaN,"),
        ({"x_px": 10**400}, "points[0].x_px is 1000"),
        ({"x_px": 5, "frame": 7.5}, "points[0].frame is 7.5, expected a whole number from 0 to"),
        ({"x_px": 5, "frame": float("inf")}, "points[0].frame is Infinity,"),
        ({"x_px": 5, "frame": -1}, "expected a whole number from 0 to 10000000"),
        ({"x_px": 5, "name": 3}, "points[0].name is 3, expected a string"),
        ({"x_px": 5, "visible": 1}, "points[0].visible is 1, expected true or false"),
        ({"x_px": 5, "side": "up"}, 'points[0].side is "up", expected "left" or "right"'),
        ([], "points[0] is [], expected an object"),
    ],
)
def test_an_invalid_field(point, names):
    """The message names source, field, value and what is expected."""
    with pytest.raises(BadInput) as refused:
        validate(TRACK, {"points": [point]}, "track.json")
    assert names in str(refused.value)
    assert str(refused.value).startswith("track.json: ")
    assert refused.value.code == "invalid_value"


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (None, "track.json is null, expected an object"),
        ({"points": 5}, "track.json: points is 5, expected a list"),
        ({"points": [], "exercise": "run"}, 'track.json: exercise is "run", expected "hops", '),
        ({"points": [], "speed": 5}, "track.json: speed is not a known key"),
    ],
)
def test_an_invalid_object(data, names):
    """Wrong kinds of values, enums and unknown keys are named too."""
    with pytest.raises(BadInput) as refused:
        validate(TRACK, data, "track.json")
    assert names in str(refused.value)


def test_the_error_and_its_remedy():
    """The caller chooses the class; the remedy follows as a sentence of its own."""
    with pytest.raises(StorageFailed) as refused:
        validate(TRACK, {}, "track.json", StorageFailed, "Make it again.")
    assert str(refused.value) == "track.json: points is missing. Make it again."
    assert refused.value.remedy == "Make it again."


def test_a_refusal_of_the_dataclass_keeps_its_code():
    """An error that `__post_init__` raises becomes the caller's class, with its code."""
    with pytest.raises(StorageFailed, match=r"^track\.json: frame 13") as refused:
        validate(TRACK, {"points": [{"x_px": 5, "frame": 13}]}, "track.json", StorageFailed)
    assert refused.value.code == "unlucky_frame"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "invalid_json"),
        (b"{", "invalid_json"),
        (b"\xff\xfe", "invalid_json"),
        (b"9" * 5000, "invalid_json"),
        (b'{"a": 1, "a": 2}', "invalid_json"),
        (b"[" * 20_000, "invalid_json"),
        (b" " * 30_000, "file_too_large"),
    ],
)
def test_an_invalid_file(tmp_path, data, code):
    """A file that is not JSON, repeats a key or is too large is refused by name and code."""
    path = tmp_path / "track.json"
    path.write_bytes(data)
    with pytest.raises(BadInput, match=r"track\.json") as refused:
        read_json(path, 25_000)
    assert code == refused.value.code


def test_a_missing_file(tmp_path):
    """A file that cannot be opened is refused by name and code."""
    with pytest.raises(BadInput, match=r"track\.json") as refused:
        read_json(tmp_path / "track.json", 100)
    assert refused.value.code == "unreadable_file"


def test_a_valid_file(tmp_path):
    """A byte-order mark before the text is accepted."""
    path = tmp_path / "track.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"a": [1, 2.5]}).encode())
    assert read_json(path, 100) == {"a": [1, 2.5]}


def test_preview():
    """Long values are cut, and a value that JSON cannot hold is shown as Python writes it."""
    assert preview("ä") == '"ä"'
    assert preview([0] * 100).endswith("...")
    assert len(preview([0] * 100)) == 40
    assert preview({1}) == "{1}"
