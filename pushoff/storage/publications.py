"""Records of what was published to annotators: suggestions and their order, under one name.

The name is `<version>.<6 hex digits>`, derived from the content, so that publishing that was killed
half-way and is run again continues under the same name. Label Studio calls it the model version.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pydantic import TypeAdapter

from pushoff.errors import StorageFailed
from pushoff.storage.object_store import Storage
from pushoff.storage.records import read_record, write_record
from pushoff.util.canonical_json import canonical_json
from pushoff.values import Suggestion

FORMAT = 2
COLD = "no-model"
"""The version while there is no model: an order without suggestions."""
_NAME = re.compile(r"(?P<version>[a-z0-9-]+)\.[0-9a-f]{6}")


@dataclass(frozen=True)
class QueueEntry:
    """One task's place in the annotators' queue."""

    task_id: int
    suggestion: Suggestion | None
    """None where none is possible, as before there is a model."""
    score: float
    """0 to 1, the smallest comes first; no two are equal."""
    reason: str
    """One sentence that the annotator reads under the frame."""
    blind: bool = False
    """Shown without a suggestion: a blind check."""
    at_random: bool = False
    """Sampled at random: the labels of these tasks are a fair sample of the pool."""


@dataclass(frozen=True)
class Publication:
    """One publication: the model version and every task's place."""

    name: str
    version: str
    strategy: str
    places: Mapping[int, QueueEntry]
    """By task id."""


_PUBLICATION = TypeAdapter(Publication)


def publication_name(version: str, task_ids: Iterable[int], made_of: Mapping[str, object]) -> str:
    """The name of publishing `version` for these tasks, in whatever order they come.

    `made_of` is everything else that the order and the predictions follow from, as JSON values.
    Raises BadInput for values that JSON does not have.
    """
    content = {"version": version, "tasks": sorted(task_ids), "made_of": made_of}
    return f"{version}.{hashlib.sha256(canonical_json(content)).hexdigest()[:6]}"


def published_version(name: str) -> str:
    """The model version in a publication's name; any other name is returned unchanged."""
    match = _NAME.fullmatch(name)
    return match["version"] if match else name


def is_publication(name: str) -> bool:
    """Whether a model version in Label Studio is the name of a publication."""
    return _NAME.fullmatch(name) is not None


def save_publication(storage: Storage, project_id: int, publication: Publication) -> None:
    """Store the record. Raises StorageFailed."""
    fields = _PUBLICATION.dump_python(publication, mode="json")
    write_record(storage, _key(project_id, publication.name), FORMAT, fields)


def load_publication(storage: Storage, project_id: int, name: str) -> Publication | None:
    """The record, None when there is none. Raises StorageFailed when it cannot be read."""
    key = _key(project_id, name)
    if not is_publication(name) or not storage.exists(key):
        return None
    return read_record(storage, key, FORMAT, _PUBLICATION, "Publish again.")


def list_publications(storage: Storage, project_id: int) -> list[str]:
    """Names of every recorded publication of the project. Raises StorageFailed."""
    folder = f"publications/{int(project_id)}"
    return [key.rpartition("/")[2].removesuffix(".json") for key in storage.list(folder)]


def shrink_publication(storage: Storage, project_id: int, name: str) -> bool:
    """Reduce a former publication to its blind and random tasks, which assessments still need.

    False when it was reduced before, or is not there. Raises StorageFailed.
    """
    publication = load_publication(storage, project_id, name)
    if publication is None:
        return False
    needed = {
        task_id: entry
        for task_id, entry in publication.places.items()
        if entry.blind or entry.at_random
    }
    if len(needed) == len(publication.places):
        return False
    save_publication(storage, project_id, replace(publication, places=needed))
    return True


def mark_unfinished(storage: Storage, project_id: int, name: str, now_s: float) -> None:
    """Record that only the head of the queue was pushed, at `now_s` (Unix seconds).

    Raises StorageFailed.
    """
    storage.write_json(_unfinished_key(project_id), {"name": name, "at_s": now_s})


def mark_finished(storage: Storage, project_id: int) -> None:
    """Delete the record. Raises StorageFailed."""
    storage.delete(_unfinished_key(project_id))


def unfinished_projects(storage: Storage, before_s: float) -> list[int]:
    """Projects of which only the head was pushed, before this Unix time. Raises StorageFailed."""
    found = []
    for key in storage.list("unfinished"):
        try:
            if float(storage.read_json(key)["at_s"]) < before_s:
                found.append(int(key.rpartition("/")[2].removesuffix(".json")))
        except (StorageFailed, ValueError, KeyError, TypeError):
            continue  # it was deleted just now
    return sorted(found)


def _unfinished_key(project_id: int) -> str:
    return f"unfinished/{int(project_id)}.json"


def _key(project_id: int, name: str) -> str:
    return f"publications/{int(project_id)}/{name}.json"
