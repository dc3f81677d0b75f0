"""pushoff/storage/project_strategy.py: the strategy chosen for one project."""

from pushoff.storage.object_store import Storage
from pushoff.storage.project_strategy import load_strategy, save_strategy


def test_a_project_has_its_own_strategy(tmp_path):
    """A strategy holds for one project only, and can be reset."""
    storage = Storage(str(tmp_path))
    save_strategy(storage, 3, "random")
    assert (load_strategy(storage, 3), load_strategy(storage, 4)) == ("random", None)
    save_strategy(storage, 3, None)
    assert load_strategy(storage, 3) is None
