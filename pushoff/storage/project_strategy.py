"""How a project's queue is ordered, where somebody chose it for that project."""

from pushoff.storage.object_store import Storage


def save_strategy(storage: Storage, project_id: int, strategy: str | None) -> None:
    """Remember the strategy; None: the service's own again. Raises StorageFailed."""
    storage.write_json(_key(project_id), {"strategy": strategy})


def load_strategy(storage: Storage, project_id: int) -> str | None:
    """The project's own strategy, None where nobody chose one. Raises StorageFailed."""
    key = _key(project_id)
    return storage.read_json(key).get("strategy") if storage.exists(key) else None


def _key(project_id: int) -> str:
    return f"plans/{int(project_id)}.json"
