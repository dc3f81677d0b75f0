"""The card that travels with weights, as JSON. No torch here."""

import json
import math
from dataclasses import asdict, fields
from pathlib import Path

from pushoff.errors import ModelRefused
from pushoff.values import ModelCard, Scorecard

NAME = "card.json"
_MAX_BYTES = 4 * 2**20


def card_json(card: ModelCard) -> str:
    """The card as JSON, readable by `parse_card`."""
    return json.dumps(asdict(card), indent=2, sort_keys=True, allow_nan=False) + "\n"


def read_card(folder: Path) -> ModelCard:
    """The card in a model's folder. Raises ModelRefused."""
    path = folder / NAME
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ModelRefused(f"{path} is larger than a card can be")
        return parse_card(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelRefused(f"{path} cannot be read: {error}") from None


def parse_card(text: str) -> ModelCard:
    """A card from JSON. Raises ModelRefused, naming the field, when anything is amiss."""
    try:
        raw = json.loads(text)
        return ModelCard(**_fields(ModelCard, raw) | {"scorecard": _scorecard(raw["scorecard"])})
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelRefused(f"the model card is not usable: {error!r}") from None


def parse_scorecard(text: str) -> Scorecard:
    """A scorecard from JSON. Raises ModelRefused."""
    try:
        return Scorecard(**_fields(Scorecard, json.loads(text)))
    except (ValueError, TypeError, RecursionError) as error:
        raise ModelRefused(f"the scorecard is not usable: {error!r}") from None


def _scorecard(raw: object) -> Scorecard | None:
    return None if raw is None else Scorecard(**_fields(Scorecard, raw))


def _fields(kind: type, raw: object) -> dict[str, object]:
    """The dataclass's fields out of `raw`, lists made tuples, numbers finite."""
    if not isinstance(raw, dict):
        raise TypeError(f"{kind.__name__} is not an object")
    unknown = raw.keys() - {one.name for one in fields(kind)}
    if unknown:
        raise ValueError(f"unknown fields {sorted(unknown)}")
    values = {
        name: tuple(value) if isinstance(value, list) else value for name, value in raw.items()
    }
    for one in fields(kind):
        value = values.get(one.name)
        expected = {
            str: str,
            int: int,
            float: (int, float),
            bool: bool,
            float | None: (int, float, type(None)),
        }.get(one.type)
        if expected and one.name in values and not isinstance(value, expected):
            raise TypeError(f"{one.name} is {value!r}")
        if one.name in values and str(one.type).startswith("tuple"):
            inner = str if "str" in str(one.type) else (int, float)
            if not isinstance(value, tuple) or not all(isinstance(each, inner) for each in value):
                raise TypeError(f"{one.name} is {value!r}")
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, float) and not math.isfinite(each):
                raise ValueError(f"{one.name} is {value!r}")
    return values
