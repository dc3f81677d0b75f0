"""The model card: a JSON file that travels with a model's weights. No torch here."""

import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import TypeAdapter

from pushoff.errors import ModelRefused
from pushoff.util.json_input import parse_object, validate
from pushoff.values import ModelCard, Scorecard

NAME = "card.json"
FORMAT = 2
"""Version of the file's layout; a card of another format is refused."""
_MAX_BYTES = 4 * 2**20
_CARD = TypeAdapter(ModelCard)
_SCORECARD = TypeAdapter(Scorecard)


def card_json(card: ModelCard) -> str:
    """The card as JSON, readable by `parse_card`. Raises ValueError for NaN and infinity."""
    content = {"format": FORMAT, **asdict(card)}
    return json.dumps(content, indent=2, sort_keys=True, allow_nan=False) + "\n"


def read_card(folder: Path) -> ModelCard:
    """The card in a model's folder. Raises ModelRefused."""
    path = folder / NAME
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ModelRefused(f"{path} is larger than {_MAX_BYTES} bytes, the limit for a card")
        return parse_card(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ModelRefused(f"{path} cannot be read: {error}") from None


def parse_card(text: str) -> ModelCard:
    """A card from JSON. Raises ModelRefused, naming the field that is wrong."""
    content = parse_object(text, "The model card", ModelRefused)
    found = content.pop("format", None)
    if found != FORMAT:
        raise ModelRefused(
            f"The model card has format {found!r}; this version reads format {FORMAT}.",
            remedy="Train the model again.",
        )
    return validate(_CARD, content, "The model card", ModelRefused, exact=True)


def parse_scorecard(text: str) -> Scorecard:
    """A scorecard from JSON. Raises ModelRefused, naming the field that is wrong."""
    content = parse_object(text, "The scorecard", ModelRefused)
    return validate(_SCORECARD, content, "The scorecard", ModelRefused, exact=True)


def code_version() -> str:
    """The installed version of pushoff, which a card records, or `unknown`."""
    try:
        return version("pushoff")
    except PackageNotFoundError:
        return "unknown"
