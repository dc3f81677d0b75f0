"""What a person wrote into a JSON file, read and checked; refused in sentences with the value."""

import json
from pathlib import Path

from pushoff.errors import BadInput


def read_json(path: Path, largest_bytes: int) -> object:
    """What the file says. Raises BadInput, naming the file, when it is no JSON to be read."""
    try:
        with path.open("rb") as file:
            data = file.read(largest_bytes + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > largest_bytes:
        raise BadInput(f"{path} is larger than {largest_bytes} bytes: it is another kind of file")
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_without_repeats)
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None
    except json.JSONDecodeError as error:
        where = f"see line {error.lineno}, column {error.colno}"
        raise BadInput(f"{path} is not JSON: {where}") from None
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not JSON: it is no UTF-8 text") from None
    except (ValueError, RecursionError):  # a number of 5000 digits, a list in a list in a list ...
        raise BadInput(f"{path} is not JSON that can be read: something in it is huge") from None


def preview(value: object) -> str:
    """The value as the file has it, at most 40 characters."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):  # not out of a file
        text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."


def read_float(
    given: dict, key: str, low: float, high: float, otherwise: float | None = None
) -> float:
    """A finite number in a range; `otherwise` where the key is not there or null."""
    value = given.get(key)
    if value is None and otherwise is not None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BadInput(f"{describe_key(given, key)}: say a number from {low:g} to {high:g}")
    return float(value)


def read_int(given: dict, key: str, low: int, high: int, otherwise: int | None = None) -> int:
    """A whole number in a range, both ends included; 7.0 is one."""
    value = given.get(key)
    if value is None and otherwise is not None:
        return otherwise
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    if not plain or not low <= value <= high or int(value) != value:
        raise BadInput(f"{describe_key(given, key)}: say a whole number from {low} to {high}")
    return int(value)


def read_bool(given: dict, key: str) -> bool:
    """true or false; false where the key is not there or null."""
    value = given.get(key)
    if value is not None and not isinstance(value, bool):
        raise BadInput(f"{describe_key(given, key)}: say true or false")
    return bool(value)


def read_choice(given: dict, key: str, choices: tuple[str, ...] = ()) -> str | None:
    """A text, one of `choices` if there are any; None where the key is not there or null."""
    value = given.get(key)
    if value is None or (isinstance(value, str) and (not choices or value in choices)):
        return value
    say = f"{', '.join(choices)} or null" if choices else "a text or null"
    raise BadInput(f"{describe_key(given, key)}: say {say}")


def describe_key(given: dict, key: str) -> str:
    """What stands under the key, or that nothing does."""
    return f"{key} is {preview(given[key])}" if key in given else f"{key} is missing"


def _without_repeats(pairs: list[tuple[str, object]]) -> dict:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise BadInput(f"{preview(name)} is given twice")
        found[name] = value
    return found
