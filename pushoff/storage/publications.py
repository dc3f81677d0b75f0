"""What was published to annotators: every push of suggestions has a name and is written down.

The name is `<version>.<6 hex digits>`, made of what is published, so that a publish killed half
way and run again goes on under the same one. It is what Label Studio calls the model version.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace

from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.util.canonical_json import canonical_json

COLD = "no-model"
"""Stands for the version while there is none: an order without suggestions."""
_NAME = re.compile(r"(?P<version>[a-z0-9-]+)\.[0-9a-f]{6}")


@dataclass(frozen=True)
class QueueEntry:
    """One task's place in the annotators' queue."""

    task_id: int
    probability: float | None
    """Of push_off; None before there is a model."""
    score: float
    """0 to 1, the smallest comes first; no two are the same."""
    why: str
    """One sentence the annotator reads under the frame."""
    blind: bool = False
    """Shown without a suggestion, to see what people say by themselves."""
    at_random: bool = False
    """Of the front, drawn by the dice alone: what people say of these is a fair sample."""


@dataclass(frozen=True)
class Publication:
    """One push: which version, and every task's place."""

    name: str
    version: str
    threshold: float
    strategy: str
    places: Mapping[int, QueueEntry]


def publication_name(version: str, task_ids: Iterable[int], made_of: Mapping[str, object]) -> str:
    """The name of publishing `version` for these tasks, in whatever order they come.

    `made_of` is everything else that the order and the predictions follow from, as JSON values.
    Raises BadInput for values that JSON does not have.
    """
    content = {"version": version, "tasks": sorted(task_ids), "made_of": made_of}
    return f"{version}.{hashlib.sha256(canonical_json(content)).hexdigest()[:6]}"


def published_version(name: str) -> str:
    """The version a publication's name speaks of; a name of another kind is its own version."""
    match = _NAME.fullmatch(name)
    return match["version"] if match else name


def is_publication(name: str) -> bool:
    """Whether a model version in Label Studio is a publication of ours."""
    return _NAME.fullmatch(name) is not None


def save_publication(storage: Storage, project_id: int, publication: Publication) -> None:
    """Keep the record. Raises StorageFailed."""
    places = {str(one.task_id): asdict(one) for one in publication.places.values()}
    storage.write_json(
        _key(project_id, publication.name),
        {
            "name": publication.name,
            "version": publication.version,
            "threshold": publication.threshold,
            "strategy": publication.strategy,
            "places": places,
        },
    )


def load_publication(storage: Storage, project_id: int, name: str) -> Publication | None:
    """The record, None when there is none. Raises StorageFailed when it is damaged."""
    key = _key(project_id, name)
    if not _NAME.fullmatch(name) or not storage.exists(key):
        return None
    held = storage.read_json(key)
    try:
        places = {int(number): QueueEntry(**one) for number, one in held["places"].items()}
        return Publication(
            held["name"], held["version"], held["threshold"], held["strategy"], places
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StorageFailed(f"{key} is damaged: {error}. Publish again.") from None


def list_publications(storage: Storage, project_id: int) -> list[str]:
    """Names of every recorded publication of the project."""
    folder = f"publications/{int(project_id)}"
    return [key.rpartition("/")[2].removesuffix(".json") for key in storage.list(folder)]


def shrink_publication(storage: Storage, project_id: int, name: str) -> None:
    """Of an earlier publication keep what was asked blindly or at random: all that is needed."""
    found = load_publication(storage, project_id, name)
    if found and not all(one.blind or one.at_random for one in found.places.values()):
        kept = {number: one for number, one in found.places.items() if one.blind or one.at_random}
        save_publication(storage, project_id, replace(found, places=kept))


def _key(project_id: int, name: str) -> str:
    return f"publications/{int(project_id)}/{name}.json"
