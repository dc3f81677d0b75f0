"""pushoff/storage/records.py: stored JSON with a format number."""

from dataclasses import dataclass

import pytest
from pydantic import TypeAdapter

from pushoff.errors import BadInput, StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.storage.records import read_record, write_record


@dataclass(frozen=True)
class Point:
    x: float
    name: str


POINT = TypeAdapter(Point)


@pytest.fixture
def storage(tmp_path) -> Storage:
    """An empty one."""
    return Storage(str(tmp_path))


def test_fields_come_back_as_the_dataclass(storage):
    """The number is in the file, not in the value."""
    write_record(storage, "a/point.json", 3, {"x": 1.5, "name": "p"})
    assert storage.read_json("a/point.json") == {"format": 3, "x": 1.5, "name": "p"}
    assert read_record(storage, "a/point.json", 3, POINT, "Draw it again.") == Point(1.5, "p")


@pytest.mark.parametrize(
    ("stored", "code"),
    [
        ({"x": 1.5, "name": "p"}, "unknown_format"),
        ({"format": 2, "x": 1.5, "name": "p"}, "unknown_format"),
        ([], "unknown_format"),
        ({"format": 3, "name": "p"}, "invalid_value"),
        ({"format": 3, "x": "far", "name": "p"}, "invalid_value"),
    ],
)
def test_another_format_or_a_wrong_field_is_refused(storage, stored, code):
    """The error names the file and has the caller's remedy."""
    storage.write_json("a/point.json", stored)
    with pytest.raises(StorageFailed, match=r"a/point\.json") as failed:
        read_record(storage, "a/point.json", 3, POINT, "Draw it again.")
    assert (failed.value.code, failed.value.remedy) == (code, "Draw it again.")


def test_a_value_that_json_does_not_have_is_refused(storage):
    """Nothing is written then."""
    with pytest.raises(BadInput):
        write_record(storage, "a/point.json", 3, {"x": float("nan"), "name": "p"})
    assert storage.list() == []
