import os
import stat

import pytest

from pushoff.errors import StorageFailed
from pushoff.util.atomic_write import (
    open_atomic,
    remove_temporary_files,
    rename_durably,
    write_atomic,
)


def names(folder):
    """Everything in the folder, hidden files too."""
    return sorted(path.name for path in folder.iterdir())


def test_the_content_is_replaced_and_nothing_else_remains(tmp_path):
    """Parents are created; the second write replaces the first."""
    path = tmp_path / "a" / "b" / "file.json"
    write_atomic(path, b"old")
    write_atomic(path, b"new")
    assert path.read_bytes() == b"new"
    assert names(path.parent) == ["file.json"]


def test_a_failed_write_leaves_the_old_content(tmp_path):
    """An exception in the block keeps the old bytes and removes the temporary file."""
    path = tmp_path / "file"
    write_atomic(path, b"old")
    with pytest.raises(KeyboardInterrupt), open_atomic(path) as file:
        file.write(b"half of the new")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_readers_see_the_old_content_until_the_end(tmp_path):
    """While the block runs the target keeps its old bytes."""
    path = tmp_path / "file"
    write_atomic(path, b"old")
    with open_atomic(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(("umask", "mode", "expected"), [(0o022, 0o666, 0o644), (0, 0o600, 0o600)])
def test_permissions_are_those_asked_for_less_the_umask(tmp_path, umask, mode, expected):
    """A secret is never readable by others, not even while it is written."""
    before = os.umask(umask)
    try:
        write_atomic(tmp_path / "file", b"", mode)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == expected


def test_what_cannot_be_written_is_a_storage_failure(tmp_path):
    """The error names the path and what the system reported."""
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageFailed) as failed:
        write_atomic(tmp_path / "file" / "below", b"data")
    assert "below" in str(failed.value)


def test_temporary_files_of_a_killed_process_are_removed(tmp_path):
    """Other files, hidden ones too, stay."""
    for name in (".model.json.0123456789ab.tmp", ".hidden", "model.json"):
        (tmp_path / name).touch()
    remove_temporary_files(tmp_path)
    assert names(tmp_path) == [".hidden", "model.json"]


def test_a_finished_file_takes_the_place_of_another(tmp_path):
    """A file that something else wrote is renamed over the target."""
    (tmp_path / "source").write_bytes(b"new")
    (tmp_path / "target").write_bytes(b"old")
    rename_durably(tmp_path / "source", tmp_path / "target")
    assert names(tmp_path) == ["target"]
    assert (tmp_path / "target").read_bytes() == b"new"
