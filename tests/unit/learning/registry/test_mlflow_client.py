"""Opening MLflow, and its errors."""

import subprocess
import sys
from pathlib import Path

import pytest

from pushoff.errors import RegistryUnavailable
from pushoff.learning.registry.mlflow_client import without_password
from pushoff.learning.registry.registry import Registry


def test_two_processes_may_open_a_new_registry(tmp_path):
    """Both get a working registry, and nothing else is written."""
    code = "from pushoff.learning.registry.registry import Registry as R; print(R('sqlite:///db/m.db').champion())"
    children = [
        subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE,
                         env={"PYTHONPATH": str(Path(__file__).parents[4]), "PATH": "/usr/bin"})
        for _ in range(2)
    ]  # fmt: skip
    assert [child.communicate(timeout=120)[0] for child in children] == [b"None\n"] * 2
    assert [one.name for one in tmp_path.iterdir()] == ["db"]


def test_an_unreachable_registry_is_unavailable(tmp_path):
    """A folder in place of the file, or no server, is RegistryUnavailable, without a password."""
    (tmp_path / "mlflow.db").mkdir()
    with pytest.raises(RegistryUnavailable, match="PUSHOFF_MLFLOW_URI"):
        Registry(f"sqlite:///{tmp_path / 'mlflow.db'}").champion()
    assert without_password("http://u:pw@host:5000") == "http://***@host:5000"
