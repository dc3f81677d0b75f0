"""The champion and its history, in MLflow's alias and tags."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Literal

from pydantic import TypeAdapter

from pushoff.errors import ModelRefused
from pushoff.learning.registry.versions import MAX_TAG, RegisteredModel
from pushoff.util.json_input import parse_object, validate

if TYPE_CHECKING:
    from mlflow import MlflowClient

CHAMPION = "champion"
"""MLflow's alias of the model in use."""
_HISTORY = "history."
_MAX_REASON = MAX_TAG // 2
"""Characters of a reason in the history, so that its entry fits into one tag."""

Change = Literal["promote", "rollback"]


class Unset(Enum):
    """The type of UNSET, which is not None: None means that no champion is expected."""

    UNSET = "unset"


UNSET = Unset.UNSET
"""No champion is expected: the change is made whatever it is."""
Expected = str | Literal[Unset.UNSET] | None
"""The champion a decision was taken against: a version, None for no champion, or UNSET."""


@dataclass(frozen=True)
class HistoryEntry:
    """One change of champion."""

    at: str
    """ISO 8601, UTC."""
    kind: Change
    version: str
    """The champion from then on."""
    previous: str | None
    """The champion until then."""
    reason: str


_ENTRY = TypeAdapter(HistoryEntry)


def change_champion(
    client: "MlflowClient",
    name: str,
    model: RegisteredModel,
    current: str | None,
    kind: Change,
    reason: str,
) -> None:
    """Make `model` the champion of MLflow's registered model `name`, with an entry in the history.

    The history is written first: a kill in between leaves a last entry without a change, which
    `champion_stack` ignores. In the other order a champion would have no history.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entry = HistoryEntry(now, kind, model.version, current, reason[:_MAX_REASON])
    number = len(_entry_tags(client, name)) + 1
    text = json.dumps(asdict(entry), ensure_ascii=False)
    client.set_registered_model_tag(name, f"{_HISTORY}{number:06d}", text)
    client.set_registered_model_alias(name, CHAMPION, str(model.number))


def read_history(client: "MlflowClient", name: str) -> list[HistoryEntry]:
    """Every change of champion, oldest first. Raises ModelRefused when an entry is damaged."""
    what = "The champion's history"
    return [
        validate(_ENTRY, parse_object(text, what, ModelRefused), what, ModelRefused, exact=True)
        for text in _entry_tags(client, name)
    ]


def _entry_tags(client: "MlflowClient", name: str) -> list[str]:
    tags = client.get_registered_model(name).tags
    return [tags[key] for key in sorted(tags) if key.startswith(_HISTORY)]


def champion_stack(history: Sequence[HistoryEntry], current: str) -> list[str]:
    """The champions that a rollback can return to, the current one last.

    `history` is oldest first. Its last entry is ignored where it does not lead to `current`: a
    process was killed after writing the entry and before changing the champion.
    """
    for entries in (history, history[:-1]):
        stack: list[str] = []
        for entry in entries:
            stack = [*stack, entry.version] if entry.kind == "promote" else stack[:-1]
        if stack and stack[-1] == current:
            return stack
    return [current]
