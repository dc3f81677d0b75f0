"""The query strategy of a project's queue, where one was chosen for that project."""

from dataclasses import dataclass

from pydantic import TypeAdapter

from pushoff.storage.object_store import Storage
from pushoff.storage.records import read_record, write_record

FORMAT = 1


@dataclass(frozen=True)
class _Choice:
    strategy: str | None


_CHOICE = TypeAdapter(_Choice)


def save_strategy(storage: Storage, project_id: int, strategy: str | None) -> None:
    """Store the project's strategy; None: that of the settings. Raises StorageFailed."""
    write_record(storage, _key(project_id), FORMAT, {"strategy": strategy})


def load_strategy(storage: Storage, project_id: int) -> str | None:
    """The project's own strategy, None where none was chosen. Raises StorageFailed."""
    key = _key(project_id)
    if not storage.exists(key):
        return None
    remedy = "Choose it again with `pushoff project strategy`."
    return read_record(storage, key, FORMAT, _CHOICE, remedy).strategy


def _key(project_id: int) -> str:
    return f"strategies/{int(project_id)}.json"
