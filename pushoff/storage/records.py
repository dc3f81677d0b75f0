"""Stored JSON with a format number: written once, read into a dataclass, or refused with a remedy.

Every record is an object with the key `format`. A reader accepts exactly the number it was written
for; another number, a missing field or a wrong type raises StorageFailed.
"""

from typing import Any, TypeVar

from pydantic import TypeAdapter

from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.util.json_input import validate

T = TypeVar("T")


def write_record(storage: Storage, key: str, number: int, fields: dict[str, Any]) -> None:
    """Store the fields with the format number. Raises BadInput for NaN, StorageFailed."""
    storage.write_json(key, {"format": number, **fields})


def read_record(storage: Storage, key: str, number: int, adapter: TypeAdapter[T], remedy: str) -> T:
    """The stored fields as a value of the adapter's type.

    Raises StorageFailed with the remedy: code `unknown_format` for another format number, code
    `invalid_value` for fields that do not fit.
    """
    stored = storage.read_json(key)
    fields = dict(stored) if isinstance(stored, dict) else {}
    found = fields.pop("format", None)
    if found != number:
        raise StorageFailed(
            f"{key} has format {found!r}, this version reads {number}.",
            code="unknown_format",
            remedy=remedy,
        )
    return validate(adapter, fields, key, StorageFailed, remedy)
