"""JSON that a person or an earlier run wrote, read and checked against a type.

A reader states what it expects as a frozen dataclass and calls `validate`; it then holds a value of
that type, or one sentence that names the field, its value and what is expected. Door: pydantic.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import GetCoreSchemaHandler, Strict, TypeAdapter, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from pushoff.errors import BadInput, PushoffError

T = TypeVar("T")

IGNORE_UNKNOWN, FORBID_UNKNOWN = {"extra": "ignore"}, {"extra": "forbid"}
"""`__pydantic_config__` of a dataclass: whether keys that are not its fields are refused."""

Text = Annotated[str, Strict()]
Number = Annotated[float, Strict()]
Flag = Annotated[bool, Strict()]
"""Of exactly this JSON type: without `Strict` pydantic reads "5" as a number and 1 as true."""

_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dataclass_type": "an object",
    "dict_type": "an object",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "mapping_type": "an object",
    "model_attributes_type": "an object",
    "string_type": "a string",
    "string_unicode": "a string in Unicode",
    "tuple_type": "a list",
}
"""By pydantic's error type, in the words of JSON; other types keep pydantic's own sentence."""
_PREFIX = "Input should be "


@dataclass(frozen=True)
class Between:
    """A JSON number in a range, both ends included: `Annotated[float, Between(0, 1)]`.

    On an `int` it has to be a whole number; 7.0 is one. A bool, a text and NaN are not numbers.
    """

    low: float
    high: float

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """How pydantic checks an annotated field."""
        return core_schema.no_info_plain_validator_function(
            self._whole_number if source is int else self._number
        )

    def _number(self, value: object) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if self.low <= value <= self.high:  # false for NaN
                return float(value)
        raise self._error("a number")

    def _whole_number(self, value: object) -> int:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if self.low <= value <= self.high and int(value) == value:
                return int(value)
        raise self._error("a whole number")

    def _error(self, kind: str) -> PydanticCustomError:
        expected = f"{kind} from {_number_text(self.low)} to {_number_text(self.high)}"
        return PydanticCustomError("out_of_range", "{expected}", {"expected": expected})


def validate(
    adapter: TypeAdapter[T],
    data: object,
    what: str,
    error: type[PushoffError] = BadInput,
    remedy: str = "",
    *,
    exact: bool = False,
) -> T:
    """`data`, as read from JSON, as a value of the adapter's type.

    `exact` also refuses unknown keys and values of another JSON type, such as "5" for a number.
    Raises `error` with the code `invalid_value` and one sentence about the first field that is
    wrong: `what` it was read from, the field, its value and what is expected, then the `remedy`. A
    PushoffError that a `__post_init__` raises becomes an `error` with its code in the same way.
    """
    try:
        if exact:
            return adapter.validate_json(json.dumps(data), strict=True, extra="forbid")
        return adapter.validate_python(data)
    except ValidationError as invalid:
        sentence = f"{what}{_describe(invalid.errors(include_url=False)[0])}"
        code = "invalid_value"
    except PushoffError as refused:
        sentence, code = f"{what}: {refused}", refused.code or "invalid_value"
    raise error(sentence, code=code, remedy=remedy)


def parse_object(text: str, what: str, error: type[PushoffError] = BadInput) -> dict[str, Any]:
    """The JSON object in `text`, without NaN and infinity.

    Raises `error`, naming `what` was read, with the code `invalid_json`.
    """
    try:
        content = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as invalid:
        raise error(f"{what} is not valid JSON: {invalid}", code="invalid_json") from None
    if not isinstance(content, dict):
        raise error(f"{what} is not a JSON object", code="invalid_json")
    return content


def read_json(path: Path, max_bytes: int) -> object:
    """The value a JSON file holds.

    Raises BadInput, naming the file, with the code `unreadable_file`, `file_too_large` or
    `invalid_json`.
    """
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", code="unreadable_file") from None
    if len(data) > max_bytes:
        raise BadInput(f"{path} is larger than {max_bytes} bytes", code="file_too_large")
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
    except BadInput as error:
        reason = str(error)
    except json.JSONDecodeError as error:
        reason = f"see line {error.lineno}, column {error.colno}"
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    except (ValueError, RecursionError):  # a number of 5000 digits, thousands of nested lists
        reason = "it is nested too deeply or has a number that is too large"
    raise BadInput(f"{path} is not valid JSON: {reason}", code="invalid_json")


def preview(value: object) -> str:
    """The value as JSON writes it, at most 40 characters."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):  # the value is not from a JSON file
        text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _describe(error: ErrorDetails) -> str:
    """`: events[0].foot is "L", expected "left" or "right"`, to follow what was read."""
    loc, kind = error["loc"], error["type"]
    if kind == "missing":
        return f": {_field(loc)} is missing"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return f": {_field(loc)} is not a known key"
    expected = _EXPECTED.get(kind, error["msg"].removeprefix(_PREFIX)).replace("'", '"')
    subject = f": {_field(loc)}" if loc else ""
    return f"{subject} is {preview(error['input'])}, expected {expected}"


def _field(loc: Sequence[int | str]) -> str:
    """`events[0].foot`"""
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in loc)
    return path.removeprefix(".")


def _number_text(number: float) -> str:
    return str(int(number)) if number == int(number) else f"{number:g}"


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a finite number")
    return number


def _without_duplicates(pairs: list[tuple[str, object]]) -> Mapping[str, object]:
    values: dict[str, object] = {}
    for key, value in pairs:
        if key in values:
            raise BadInput(f"the key {preview(key)} appears twice")
        values[key] = value
    return values
